{# The profiles stage writes the rows before it is built: no model does, so that the table behind it is no source. #}
{{ config(materialized='view') }}
select
    person_record_id,
    min(decided_at) as decided_at
from operations.restricted_records
group by person_record_id
