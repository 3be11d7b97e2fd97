{#
  Tables that a build keeps: what they are built from is what they were built from last.

  operations.table_contents has a row per table: a hash of its rows, in any order, and the name of what they were built
  from: the query, the code, and the content of each table that it reads. Both are written in the transaction of the
  rows, so that a killed run leaves no note that is not true. A table whose rows come out as before has the content of
  before, so that the tables behind it are kept as well. Tests run in any case: to note one costs more than to run it.

  What has landed is named by the orchestrator, in the variable landed_contents. A build by hand names none: it builds
  whatever was selected, and forgets what was noted. A full refresh builds everything.
#}
{% macro create_table_contents() -%}
    create table if not exists operations.table_contents (table_name varchar, content varchar, built_from varchar)
{%- endmacro %}

{#
  Runs before each dbt run but that of staging, which does not read them: the tables of identity are written outside of
  dbt, so that their rows are hashed here.
#}
{% macro note_contents_of_identity() -%}
    {%- set later = [] -%}
    {%- if execute and var('landed_contents') is not none -%}
        {%- for id in selected_resources if graph.nodes.get(id, {}).get('schema') in ('profiles', 'journeys') -%}
            {%- do later.append(id) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if later -%}
        {%- for node in graph.sources.values() if node.schema == 'identity' -%}
            {%- set table = adapter.get_relation(target.database, node.schema, node.identifier) -%}
            {%- if table is not none -%}
                {{ note_content(node.schema ~ '.' ~ node.identifier, table, 'identity') }};
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{# Statements that note what a table holds now, and what it was built from. #}
{% macro note_content(table_name, relation, built_from) -%}
    delete from operations.table_contents where table_name = '{{ table_name }}';
    {% if built_from is not none -%}
        insert into operations.table_contents
        select '{{ table_name }}', count(*) || ' ' || coalesce(sum(hash(*columns(*))::hugeint), 0), '{{ built_from }}'
        from {{ relation }}
    {%- endif -%}
{%- endmacro %}

{# Runs after a seed was loaded, or rows of touched profiles were renewed, in that transaction: these are never kept. #}
{% macro note_content_of_other_table() -%}
    {%- set is_known = var('landed_contents') is not none -%}
    {{ note_content(this.schema ~ '.' ~ this.identifier, this, model.config.materialized if is_known else none) }}
{%- endmacro %}

{#
  What the present model, noted by this name, would be made from, and whether it was made from just that:
  (none, false) where something of what it reads is not known.
#}
{% macro made_from(name, query) -%}
    {%- set read = tables_read(model) if var('landed_contents') is not none else none -%}
    {%- if read is none -%}{{ return((none, false)) }}{%- endif -%}
    {%- set noted -%}
        select table_name, content, built_from from operations.table_contents
        where table_name in ('{{ (read + [name]) | join("', '") }}')
    {%- endset -%}
    {%- set contents, sources = dict(var('landed_contents')), {} -%}
    {%- for row in run_query(noted).rows -%}
        {%- do contents.update({row[0]: row[1]}) -%}
        {%- do sources.update({row[0]: row[2]}) -%}
    {%- endfor -%}
    {%- set names = [var('code_version'), query] -%}
    {%- for table in read -%}
        {%- if table not in contents -%}{{ return((none, false)) }}{%- endif -%}
        {%- do names.append(table ~ ' ' ~ contents[table]) -%}
    {%- endfor -%}
    {%- set from = local_md5(names | join('\n')) -%}
    {{ return((from, from == sources.get(name) and not flags.FULL_REFRESH)) }}
{%- endmacro %}

{#
  The tables that a node reads, a view through what it is made of; none where one of them grows from build to build, or
  where a view reads what dbt does not know.
#}
{% macro tables_read(node) -%}
    {%- set found = [] -%}
    {%- for id in node.depends_on.nodes -%}
        {%- set parent = graph.nodes.get(id) or graph.sources.get(id) -%}
        {%- if parent.resource_type == 'source' -%}
            {%- do found.append(parent.schema ~ '.' ~ parent.identifier) -%}
        {%- elif parent.config.materialized == 'view' -%}
            {%- set behind = tables_read(parent) -%}
            {%- if behind is none -%}{{ return(none) }}{%- endif -%}
            {%- do found.extend(behind) -%}
        {%- elif parent.config.materialized in ('table', 'seed')
            or parent.config.incremental_strategy == 'touched_profiles' -%}
            {%- do found.append(parent.schema ~ '.' ~ parent.alias) -%}
        {%- else -%}
            {{ return(none) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found | unique | sort if found else none) }}
{%- endmacro %}
