{# The profiles stage writes the rows before it is built: no model does, so that the table behind it is no source. #}
{{ config(materialized='view') }}
select
    person_record_id,
    attribute,
    value,
    decided_at,
    why
from operations.rectified_values
