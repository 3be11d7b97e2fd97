{#
  Full builds of the tables by profile, bucket by bucket: what a build keeps in memory follows the size of a bucket, not
  the number of customers. The query is that of a build by touched profile, which the profiles of a bucket stand for.

  A bucket is a range of profile ids. So a table is written in the order of the ranges, and the next model, which reads
  one range of it, skips the rest.
#}

{# The number of buckets of a full build of this table; 1 where the query runs once for all profiles. #}
{% macro profile_bucket_count() -%}
    {%- if not this or config.get('incremental_strategy') != 'touched_profiles' or is_incremental() -%}
        {{ return(1) }}
    {%- endif -%}
    {%- set inputs = load_relation(ref('int_profile_inputs')) -%}
    {%- if inputs is none -%}{{ return(1) }}{%- endif -%}
    {%- set counted = run_query('select count(*) from ' ~ inputs) -%}
    {{ return([1, (counted.columns[0].values()[0] / var('profiles_per_bucket')) | round(0, 'ceil') | int] | max) }}
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
    {%- do run_query(
        'create or replace temp table profile_buckets as '
        ~ 'select profile_id, ntile(' ~ count ~ ') over (order by profile_id) as bucket from '
        ~ ref('int_profile_inputs')
    ) -%}
    {#- The columns of the query are compared with those declared before it runs, so that the table has to exist -#}
    {%- do run_query('create or replace temp table profiles_of_bucket as select profile_id from profile_buckets') -%}
    {{ get_assert_columns_equivalent(query) }}
    create table {{ relation }} {{ get_table_columns_and_constraints() }};
    {% for bucket in range(1, count + 1) -%}
        delete from profiles_of_bucket;
        insert into profiles_of_bucket select profile_id from profile_buckets where bucket = {{ bucket }};
        {% if bucket > 1 -%}delete from {{ relation }} where profile_id is null;{%- endif %}
        insert into {{ relation }} {{ get_column_names() }} ({{ get_select_subquery(query) }});
    {% endfor %}
    drop table profiles_of_bucket;
    drop table profile_buckets
{%- endmacro %}
