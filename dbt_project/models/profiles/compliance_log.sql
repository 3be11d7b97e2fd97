{#
  The platform writes the log (cdp_orchestration/privacy/requests.py) and lands a view of it; a view shows a release all
  that is there when it is cut. No stage builds it, so it is no source.
#}
{{ config(materialized='view') }}
select
    request_id,
    request_type,
    profile_id,
    system_name,
    requested_at,
    due_at,
    completed_at,
    tables_affected,
    rows_affected
from operations.compliance_log
