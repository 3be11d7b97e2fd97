{#
  Tables, in place of the materialization of dbt-duckdb: the new table replaces the former in one transaction.
  dbt-duckdb builds it beside the former, looks for indexes, renames both, and drops the former in a transaction of its
  own: seven statements more for each of a hundred tables, which cost more than the rows of a small delivery. Readers see
  the former table until the commit, and a model that fails leaves it as it was. A table that would be built from just
  what it was built from last is kept (kept_tables.sql), and of a large one the changed rows alone are written
  (changed_rows.sql).

  Contracts are enforced as before: the columns of the query are compared with those declared, and the table is created
  with the declared constraints.
#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] -%}
    {%- set former = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set name = target.schema ~ '.' ~ target.identifier -%}
    {%- set from, is_same = made_from(name, compiled_code) -%}
    {%- if is_same and former is not none and former.is_table -%}
        {%- call noop_statement('main', 'kept') -%}{%- endcall -%}
        {{ return({'relations': [target]}) }}
    {%- endif -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if former is not none and not former.is_table -%}
        {%- do adapter.drop_relation(former) -%}
    {%- endif -%}
    {%- set is_python = model['language'] == 'python' -%}
    {#- Of later tables most rows differ with the newest day, so that to compare them costs more than it saves -#}
    {%- set is_staging = target.schema == 'staging' and not is_python and not flags.FULL_REFRESH -%}
    {%- set has_comparable = former is not none and former.is_table and not config.get('contract').enforced -%}
    {%- set is_compared = notes_contents() and is_staging and has_comparable and is_large_table(target) -%}
    {%- if is_python -%}
        {#- Python writes through a connection of its own, and may read the former table: the swap follows -#}
        {%- set written = make_intermediate_relation(target) -%}
        {%- do drop_relation_if_exists(load_cached_relation(written)) -%}
        {%- call statement('main', language='python') -%}
            {{- create_table_as(False, written, compiled_code, 'python') -}}
        {%- endcall -%}
        {%- call statement('swap') -%}
            drop table if exists {{ target }};
            alter table {{ written }} rename to {{ adapter.quote(target.identifier) }}
        {%- endcall -%}
    {%- elif is_compared -%}
        {%- call statement('main') -%}
            {{ compare_rows(target, compiled_code) }}
        {%- endcall -%}
        {%- call statement('write') -%}
            {{ write_changed_rows(target, compiled_code, name, from) }}
        {%- endcall -%}
    {%- else -%}
        {%- call statement('main') -%}
            {{ replace_table_as(target, compiled_code) }}
        {%- endcall -%}
    {%- endif -%}
    {%- if notes_contents() and not is_compared -%}
        {%- call statement('note') -%}
            {{ note_content(name, target, from) }}
        {%- endcall -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{%- endmaterialization %}

{# The statements that replace a table by the rows of a query, with the declared columns of a model with a contract. #}
{% macro replace_table_as(target, query) -%}
    {%- if config.get('contract').enforced -%}
        {{ get_assert_columns_equivalent(query) }}
        create or replace table {{ target }} {{ get_table_columns_and_constraints() }};
        insert into {{ target }} {{ get_column_names() }} ({{ get_select_subquery(query) }})
    {%- else -%}
        create or replace table {{ target }} as ({{ query }})
    {%- endif -%}
{%- endmacro %}
