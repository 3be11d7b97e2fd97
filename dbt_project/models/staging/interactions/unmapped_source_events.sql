with interactions as (
    select * from {{ ref('interactions') }}
),

taxonomy as (
    select * from {{ ref('touchpoint_taxonomy') }}
),

unmapped as (
    select
        interactions.source_event,
        interactions.touchpoint_type,
        interactions.channel,
        interactions.stage,
        count(*) as interaction_count
    from interactions
    anti join taxonomy on interactions.source_event = taxonomy.source_event
    group by interactions.source_event, interactions.touchpoint_type, interactions.channel, interactions.stage
)

select * from unmapped
