{# The profiles stage writes the rows before it is built: no model does, so that the table behind it is no source. #}
{{ config(materialized='view') }}
select
    person_record_id,
    attribute,
    arg_max(value, decided_at) as value,
    max(decided_at) as decided_at,
    arg_max(why, decided_at) as why
from operations.rectified_values
group by person_record_id, attribute
