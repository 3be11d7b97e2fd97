{# Staging and the profiles stage have its rows written before they are built: no model does, so it is no source. #}
{{ config(materialized='view') }}
select
    person_record_id,
    min(decided_at) as decided_at
from operations.restricted_records
group by person_record_id
