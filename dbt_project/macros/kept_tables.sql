{#
  Tables that a build keeps: what they are built from is what they were built from last.

  operations.table_contents has a row per table: a hash of its rows, in any order, and the name of what they were built
  from: the query, the code, and the content of each table that it reads. Both are written in the transaction of the
  rows, so that a killed run leaves no note that is not true. A table whose rows come out as before has the content of
  before, so that the tables behind it are kept as well.

  What has landed is named by the orchestrator, in the variable landed_contents. A build by hand names none, nor does a
  sync of so few rows that to note them costs more than to build them: it builds whatever was selected, and forgets what
  was noted. A full refresh builds everything.
#}

{#
  Runs before each dbt run: creates the tables of contents, and empties the first where this run builds and notes none.
  The second is written by the orchestrator, once the tests of a stage have passed.
#}
{% macro create_table_contents() -%}
    create table if not exists operations.table_contents (table_name varchar, content varchar, built_from varchar);
    create table if not exists operations.tested_contents (
        stage varchar, table_name varchar, content varchar, code_version varchar
    )
    {%- set chosen = selected_resources | join(' ') if execute else '' -%}
    {%- if not notes_contents() and ('model.' in chosen or 'seed.' in chosen) -%}
        ; delete from operations.table_contents
    {%- endif -%}
{%- endmacro %}

{% macro notes_contents() -%}
    {{ return(var('landed_contents') is not none) }}
{%- endmacro %}

{#
  Runs before each dbt run: identity and the orchestrator write tables outside of dbt, so that their rows are hashed
  here; those of the orchestrator as the views by which models read them.
#}
{% macro note_contents_of_other_stages() -%}
    {%- if execute and notes_contents() -%}
        {%- set written = graph.sources.values() | selectattr('schema', 'equalto', 'identity') | list -%}
        {%- set views = graph.nodes.values() | selectattr('config.materialized', 'equalto', 'view') -%}
        {%- for node in written + (views | rejectattr('depends_on.nodes') | list) -%}
            {%- set table = adapter.get_relation(target.database, node.schema, node.identifier or node.alias) -%}
            {%- if table is not none -%}
                {{ note_content(node.schema ~ '.' ~ table.identifier, table, 'outside of dbt') }};
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{# Statements that note what a table holds now, and what it was built from. #}
{% macro note_content(table_name, relation, built_from) -%}
    delete from operations.table_contents where table_name = '{{ table_name }}';
    insert into operations.table_contents
    select '{{ table_name }}', count(*) || ' ' || coalesce(sum(hash(*columns(*))::hugeint), 0), '{{ built_from }}'
    from {{ relation }}
{%- endmacro %}

{# Runs after a seed was loaded, in that transaction: these are never kept. #}
{% macro note_content_of_other_table() -%}
    {%- if notes_contents() -%}
        {{ note_content(this.schema ~ '.' ~ this.identifier, this, model.config.materialized) }}
    {%- endif -%}
{%- endmacro %}

{#
  What the present model, noted by this name, would be made from, and whether it was made from just that:
  ('unknown', false) where something of what it reads is not known.
#}
{% macro made_from(name, query) -%}
    {%- set read = tables_read(model) if notes_contents() else none -%}
    {%- set contents = contents_of(read + [name]) if read is not none else none -%}
    {%- if contents is none -%}{{ return(('unknown', false)) }}{%- endif -%}
    {%- set names = [var('code_version'), query] -%}
    {%- for table in read -%}
        {%- if table not in contents -%}{{ return(('unknown', false)) }}{%- endif -%}
        {%- do names.append(table ~ ' ' ~ contents[table][0]) -%}
    {%- endfor -%}
    {%- set from = local_md5(names | join('\n')) -%}
    {{ return((from, from == contents.get(name, [none, none])[1] and not flags.FULL_REFRESH)) }}
{%- endmacro %}

{# Returns of each of these tables that is noted its content, and what it was built from. #}
{% macro contents_of(tables) -%}
    {%- set noted -%}
        select table_name, content, built_from from operations.table_contents
        where table_name in ('{{ tables | join("', '") }}')
    {%- endset -%}
    {%- set contents = {} -%}
    {%- for table, content in var('landed_contents').items() -%}
        {%- do contents.update({table: [content, none]}) -%}
    {%- endfor -%}
    {%- for row in run_query(noted).rows -%}
        {%- do contents.update({row[0]: [row[1], row[2]]}) -%}
    {%- endfor -%}
    {{ return(contents) }}
{%- endmacro %}

{#
  The tables that a node reads, a view through what it is made of; none where one of them grows from build to build.
  A view that reads nothing that dbt knows has a content of its own.
#}
{% macro tables_read(node) -%}
    {%- set found = [] -%}
    {%- for id in node.depends_on.nodes -%}
        {%- set parent = graph.nodes.get(id) or graph.sources.get(id) -%}
        {%- set is_view = parent.resource_type == 'model' and parent.config.materialized == 'view' -%}
        {%- if parent.resource_type == 'source' -%}
            {%- do found.append(parent.schema ~ '.' ~ parent.identifier) -%}
        {%- elif is_view and parent.depends_on.nodes -%}
            {%- set behind = tables_read(parent) -%}
            {%- if behind is none -%}{{ return(none) }}{%- endif -%}
            {%- do found.extend(behind) -%}
        {%- elif is_view or parent.config.materialized in ('table', 'seed')
            or parent.config.incremental_strategy == 'touched_profiles' -%}
            {%- do found.append(parent.schema ~ '.' ~ parent.alias) -%}
        {%- else -%}
            {{ return(none) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found | unique | sort if found else none) }}
{%- endmacro %}
