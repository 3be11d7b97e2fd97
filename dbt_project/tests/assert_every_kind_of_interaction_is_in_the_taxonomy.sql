-- A new stream delivers a kind of record that the taxonomy does not know: an event of it that is not listed would have
-- neither channel nor stage. So each kind has a default row, source_system.source_record_type.*.
{{ config(meta={'dagster': {'ref': {'name': 'interactions'}}}) }}
with

kinds as (
    select distinct
        source_system,
        source_record_type
    from {{ ref('interactions') }}
),

failures as (
    select kinds.*
    from kinds
    left join {{ ref('touchpoint_taxonomy') }} as taxonomy
        on kinds.source_system || '.' || kinds.source_record_type || '.*' = taxonomy.source_event
    where taxonomy.source_event is null
)

select * from failures
