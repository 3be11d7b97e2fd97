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

{#
  The statements that hash the rows of a query and those of the table. Beside the table lie the hash of each row of the
  query, and the rows whose hash the table does not have: to store the others would cost more than all else. A list that
  is null has no room for a row, where a column of nulls has that of its type.
#}
{% macro compare_rows(target, query) -%}
    {%- set new, old = target.identifier ~ '__new', target.identifier ~ '__old' -%}
    create or replace temp table {{ old }} as
    select rowid as row_number, hash(*columns(*)) as row_hash from {{ target }};
    create or replace temp table {{ new }} as
    select row_hash, is_known, if(is_known, null, [whole_row]) as unknown_row
    from (
        select whole_row, row_hash, row_hash in (select row_hash from {{ old }}) as is_known
        from (
            select whole_row, hash(*columns(* exclude (whole_row))) as row_hash
            from (select whole_row, whole_row.* from ({{ query }}) as whole_row)
        )
    );
    create or replace temp table {{ target.identifier }}__come as
    select unnest(unknown_row[1]) from {{ new }} where not is_known;
    create or replace temp table {{ target.identifier }}__gone as
    select * from {{ old }} where row_hash not in (select row_hash from {{ new }})
{%- endmacro %}

{# Statements that make the table the one of the query that was compared with it, and note what it holds. #}
{% macro write_changed_rows(target, query, table_name, built_from) -%}
    {%- set new = target.identifier ~ '__new' -%}
    {%- if differs_in_few_rows(target) -%}
        delete from {{ target }} where rowid in (select row_number from {{ target.identifier }}__gone);
        insert into {{ target }} from temp.{{ target.identifier }}__come;
    {%- else -%}
        create or replace table {{ target }} as ({{ query }});
    {%- endif %}
    delete from operations.table_contents where table_name = '{{ table_name }}';
    insert into operations.table_contents
    select '{{ table_name }}', count(*) || ' ' || coalesce(sum(row_hash::hugeint), 0), '{{ built_from }}' from {{ new }};
    {%- for ending in ('new', 'old', 'come', 'gone') %}
        drop table temp.{{ target.identifier }}__{{ ending }};
    {%- endfor %}
{%- endmacro %}

{# Whether both have the same columns, few rows differ, and with these the one would be the other. #}
{% macro differs_in_few_rows(target) -%}
    {%- set new, old = 'temp.' ~ target.identifier ~ '__new', 'temp.' ~ target.identifier ~ '__old' -%}
    {%- set sums = 'select count(*) as n, coalesce(sum(row_hash::hugeint), 0) as hashes from' -%}
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
                        database_name = 'temp' and table_name = '{{ target.identifier }}__come'
                        or database_name = '{{ target.database }}' and schema_name = '{{ target.schema }}'
                        and table_name = '{{ target.identifier }}'
                    group by database_name
                )
            )
        from
            ({{ sums }} {{ old }}) as former,
            ({{ sums }} temp.{{ target.identifier }}__gone) as gone,
            ({{ sums }} (select row_hash from {{ new }} where not is_known)) as come,
            ({{ sums }} {{ new }}) as present
    {%- endset -%}
    {{ return(run_query(compared).rows[0][0]) }}
{%- endmacro %}
