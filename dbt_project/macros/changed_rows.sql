{#
  A large table of staging of which few rows differ from the former is not written again: the rows that are gone are
  deleted, those that are new inserted. To compress and store a row costs several times what it costs to compare it.

  Rows are compared by a hash of all their columns. Rows that occur several times could hide from that, so the rows that
  the table then has are counted and added up: unless they are just those of the query, the table is replaced whole.
#}
{% macro is_large_table(relation) -%}
    {%- set size -%}
        select estimated_size from duckdb_tables()
        where
            database_name = '{{ relation.database }}' and schema_name = '{{ relation.schema }}'
            and table_name = '{{ relation.identifier }}'
    {%- endset -%}
    {%- set found = run_query(size).rows -%}
    {{ return(found | length > 0 and found[0][0] >= var('compared_from_rows')) }}
{%- endmacro %}

{# The statements that store the rows of a query beside the table, with the declared columns, and hash those of both. #}
{% macro compare_rows(target, query) -%}
    {%- set new = target.identifier ~ '__new' -%}
    {%- if config.get('contract').enforced -%}
        {{ get_assert_columns_equivalent(query) }}
        create or replace temp table {{ new }} {{ get_table_columns_and_constraints() }};
        insert into {{ new }} {{ get_column_names() }} ({{ get_select_subquery(query) }});
    {%- else -%}
        create or replace temp table {{ new }} as ({{ query }});
    {%- endif %}
    create or replace temp table {{ new }}_hashes as
    select rowid as row_number, hash(*columns(*))::hugeint as row_hash from {{ new }};
    create or replace temp table {{ target.identifier }}__old_hashes as
    select rowid as row_number, hash(*columns(*))::hugeint as row_hash from {{ target }};
    create or replace temp table {{ target.identifier }}__gone as
    select * from {{ target.identifier }}__old_hashes anti join {{ new }}_hashes using (row_hash);
    create or replace temp table {{ target.identifier }}__come as
    select * from {{ new }}_hashes anti join {{ target.identifier }}__old_hashes using (row_hash)
{%- endmacro %}

{# Statements that make the table the one that was stored beside it, and note what it holds. #}
{% macro write_changed_rows(target, table_name, built_from) -%}
    {%- set new = target.identifier ~ '__new' -%}
    {%- if differs_in_few_rows(target) -%}
        delete from {{ target }} where rowid in (select row_number from {{ target.identifier }}__gone);
        insert into {{ target }}
        select * from {{ new }} where rowid in (select row_number from {{ target.identifier }}__come);
    {%- elif config.get('contract').enforced -%}
        create or replace table {{ target }} {{ get_table_columns_and_constraints() }};
        insert into {{ target }} select * from {{ new }};
    {%- else -%}
        create or replace table {{ target }} as select * from {{ new }};
    {%- endif %}
    delete from operations.table_contents where table_name = '{{ table_name }}';
    insert into operations.table_contents
    select '{{ table_name }}', count(*) || ' ' || coalesce(sum(row_hash), 0), '{{ built_from }}' from {{ new }}_hashes;
    {%- for ending in ('new', 'new_hashes', 'old_hashes', 'gone', 'come') %}
        drop table temp.{{ target.identifier }}__{{ ending }};
    {%- endfor %}
{%- endmacro %}

{# Whether both have the same columns, few rows differ, and with these the one would be the other. #}
{% macro differs_in_few_rows(target) -%}
    {%- set sums = 'select count(*) as n, coalesce(sum(row_hash), 0) as hashes from temp.' ~ target.identifier -%}
    {%- set compared -%}
        select
            former.n - gone.n + come.n = present.n
            and former.hashes - gone.hashes + come.hashes = present.hashes
            and gone.n + come.n <= present.n / 5
            and (
                select count(distinct described) = 1
                from (
                    select list((column_name, data_type, is_nullable) order by column_index) as described
                    from duckdb_columns()
                    where
                        database_name = 'temp' and table_name = '{{ target.identifier }}__new'
                        or database_name = '{{ target.database }}' and schema_name = '{{ target.schema }}'
                        and table_name = '{{ target.identifier }}'
                    group by database_name
                )
            )
        from
            ({{ sums }}__old_hashes) as former, ({{ sums }}__gone) as gone,
            ({{ sums }}__come) as come, ({{ sums }}__new_hashes) as present
    {%- endset -%}
    {{ return(run_query(compared).rows[0][0]) }}
{%- endmacro %}
