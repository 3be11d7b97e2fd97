-- the union gives each source the columns that it does not know
with delivered as (
    select * from {{ ref('crm_interactions') }}
    union all by name
    select * from {{ ref('ecommerce_order_interactions') }}
    union all by name
    select * from {{ ref('ecommerce_delivery_interactions') }}
    union all by name
    select * from {{ ref('ecommerce_event_interactions') }}
    union all by name
    select * from {{ ref('ecommerce_account_interactions') }}
    union all by name
    select * from {{ ref('in_store_interactions') }}
    union all by name
    select * from {{ ref('support_ticket_interactions') }}
    union all by name
    select * from {{ ref('support_survey_interactions') }}
),

taxonomy as (
    select * from {{ ref('touchpoint_taxonomy') }}
),

person_records as (
    select person_record_id from {{ ref('person_records') }}
),

interactions as (
    select
        delivered.interaction_id,
        delivered.source_system,
        delivered.source_record_type,
        delivered.source_record_id,
        -- somebody unknown or deleted is nobody
        person_records.person_record_id,
        delivered.occurred_at,
        delivered.source_event,
        coalesce(named.touchpoint_type, otherwise.touchpoint_type) as touchpoint_type,
        coalesce(named.channel, otherwise.channel) as channel,
        coalesce(named.stage, otherwise.stage) as stage,
        coalesce(named.effort_weight, otherwise.effort_weight) as effort_weight,
        coalesce(named.is_creditable, otherwise.is_creditable) as is_creditable,
        delivered.topic,
        delivered.campaign,
        arrival.channel as campaign_channel,
        delivered.amount::decimal(18, 2) as amount,
        delivered.currency,
        delivered.survey_type,
        delivered.survey_score,
        delivered.satisfaction_score,
        delivered.sentiment_score,
        delivered.text_language,
        delivered.effort_score,
        delivered.duration_minutes,
        delivered.first_reply_minutes,
        delivered.reopen_count
    from delivered
    left join taxonomy as named on delivered.source_event = named.source_event
    -- an event that the taxonomy does not name is taken for what its kind of record usually is
    left join taxonomy as otherwise
        on delivered.source_system || '.' || delivered.source_record_type || '.*' = otherwise.source_event
    -- every step of a visit tells how it began
    left join taxonomy as arrival on delivered.arrival_event = arrival.source_event
    left join person_records on delivered.person_record_id = person_records.person_record_id
)

select * from interactions
