{#
  Full builds of the tables by profile, bucket by bucket: what a build keeps in memory follows the size of a bucket, not
  the number of customers. The query is that of a build by touched profile, which the profiles of a bucket stand for.

  A bucket is a range of profile ids. So a table is written in the order of the ranges, and the next model, which reads
  one range of it, skips the rest.

  With the engine Spark (the target of this name in profiles.yml) each bucket is a task of its own, which reads Parquet
  files of what the query reads (cdp_orchestration/dbt/spark_buckets.py).
#}

{# The number of buckets of a full build of this table; 1 where the query runs once for all profiles. #}
{% macro profile_bucket_count() -%}
    {%- if not this or config.get('incremental_strategy') != 'touched_profiles' or is_incremental() -%}
        {{ return(1) }}
    {%- endif -%}
    {%- set inputs = load_relation(ref('int_profile_inputs')) -%}
    {%- if inputs is none -%}{{ return(1) }}{%- endif -%}
    {#- of a variable that the plugin of Spark has not set the value is null, which least passes over -#}
    {%- set counted = run_query(
        'select ceil(count(*) / least(' ~ var('profiles_per_bucket') ~ ", getvariable('profiles_per_task'))) from "
        ~ inputs
    ) -%}
    {{ return([1, counted.columns[0].values()[0] | int] | max) }}
{%- endmacro %}

{# In place of the macro of dbt-duckdb: the statements that create a table from a query. #}
{% macro duckdb__create_table_as(
    temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none
) -%}
    {%- set count = 1 if temporary or language != 'sql' else profile_bucket_count() -%}
    {%- if count > 1 -%}
        {{ create_table_by_bucket(relation, compiled_code, count) }}
    {%- else -%}
        {{ dbt.duckdb__create_table_as(
            temporary, relation, compiled_code, language, partitioned_by=partitioned_by, sorted_by=sorted_by
        ) }}
    {%- endif -%}
{%- endmacro %}

{# Rows without a profile are in the answer for each bucket; the last one's stay. #}
{% macro create_table_by_bucket(relation, query, count) -%}
    {%- set buckets -%}
        select profile_id, ntile({{ count }}) over (order by profile_id) as bucket from {{ ref('int_profile_inputs') }}
    {%- endset -%}
    {%- do run_query('create or replace temp table profile_buckets as ' ~ buckets) -%}
    {#- The columns of the query are compared with those declared before it runs, so that the table has to exist -#}
    {%- do run_query('create or replace temp table profiles_of_bucket as select profile_id from profile_buckets') -%}
    {{ get_assert_columns_equivalent(query) }}
    create table {{ relation }} {{ get_table_columns_and_constraints() }};
    {% set files = run_query("select getvariable('bucket_files')").columns[0].values()[0] -%}
    {%- if files -%}
        {{ insert_rows_of_tasks(relation, query, count, buckets, files) }}
    {%- else -%}
        {%- for bucket in range(1, count + 1) -%}
            delete from profiles_of_bucket;
            insert into profiles_of_bucket select profile_id from profile_buckets where bucket = {{ bucket }};
            {% if bucket > 1 -%}delete from {{ relation }} where profile_id is null;{%- endif %}
            insert into {{ relation }} {{ get_column_names() }} ({{ get_select_subquery(query) }});
        {% endfor -%}
    {%- endif %}
    drop table profiles_of_bucket;
    drop table profile_buckets
{%- endmacro %}

{#
  The statement that inserts what the tasks of a query have written, in the order of the buckets.

  A task reads the tables of the query as a whole, unless the model names them in `rows_of_bucket` of its `meta`: tables
  with a profile_id or a person_record_id, of which a row of a profile needs the rows of that profile alone, and a row
  without a profile those without one.
#}
{% macro insert_rows_of_tasks(relation, query, count, buckets, files) -%}
    {%- set table = this.schema ~ '.' ~ this.identifier -%}
    {%- do adapter.store_relation('spark_buckets', relation, [], files, 'parquet', {
        'table': table,
        'query': get_select_subquery(query),
        'buckets': buckets,
        'count': count,
        'by_bucket': config.get('meta', {}).get('rows_of_bucket', []),
    }) -%}
    {%- set written = adapter.escape_sql_string(files ~ '/' ~ table ~ '/*/*.parquet') -%}
    {%- set rows = "from read_parquet('" ~ written ~ "', hive_partitioning = false)" -%}
    insert into {{ relation }} {{ get_column_names() }} ({{ get_select_subquery(rows) }});
{%- endmacro %}
