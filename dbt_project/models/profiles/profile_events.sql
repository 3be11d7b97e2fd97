{{ config(materialized='view') }}
with

identity_events as (
    select * from {{ source('identity', 'profile_events') }}
),

published_events as (
    select
        event_id,
        event_type,
        profile_id,
        other_profile_id,
        cause,
        override_id,
        decided_by,
        decision_reason,
        run_id,
        cast(occurred_at as timestamp) as occurred_at
    from identity_events
)

select * from published_events
