{#
  Run before each dbt run: create the tables of what people asked for, as empty, where a home has none. The profiles stage
  fills them before it is built (cdp_orchestration/stages/person_decisions.py).
#}
{% macro create_restricted_records() -%}
    create table if not exists operations.restricted_records (person_record_id varchar, decided_at timestamp)
{%- endmacro %}

{% macro create_rectified_values() -%}
    create table if not exists operations.rectified_values (
        person_record_id varchar, attribute varchar, value varchar, decided_at timestamp, why varchar
    )
{%- endmacro %}
