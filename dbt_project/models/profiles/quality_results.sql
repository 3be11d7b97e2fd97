{#
  The gates write the rows (cdp_orchestration/stages/quality_results.py), those of the journeys after this model was built:
  a view shows a release all that is there when it is cut. No stage builds the table behind it, so it is no source.
#}
{{ config(materialized='view') }}
select
    run_id,
    gate,
    table_name,
    check_name,
    severity,
    is_passed,
    observed_value,
    threshold,
    failed_row_count,
    checked_at
from operations.quality_results
