-- a column that a source does not have becomes null in the union
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
    {% for model in own_interaction_models() -%}
        union all by name
        select * from {{ ref(model) }}
    {% endfor %}
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
        -- null where the person record is unknown or deleted
        person_records.person_record_id,
        delivered.occurred_at,
        delivered.source_event,
        coalesce(mapped.touchpoint_type, defaults.touchpoint_type) as touchpoint_type,
        coalesce(mapped.channel, defaults.channel) as channel,
        coalesce(mapped.stage, defaults.stage) as stage,
        coalesce(mapped.effort_weight, defaults.effort_weight) as effort_weight,
        coalesce(mapped.is_creditable, defaults.is_creditable) as is_creditable,
        delivered.topic,
        delivered.campaign,
        arrival.channel as campaign_channel,
        delivered.amount::decimal(18, 2) as amount,
        delivered.currency,
        delivered.order_interaction_id,
        coalesce(delivered.is_renewal, false) as is_renewal,
        delivered.about_interaction_id,
        delivered.survey_type,
        delivered.survey_score,
        delivered.satisfaction_score,
        {{ mood_column('sentiment_score') }} as sentiment_score,
        {{ mood_column('text_language') }} as text_language,
        delivered.effort_score,
        delivered.duration_minutes,
        delivered.first_reply_minutes,
        delivered.reopen_count,
        coalesce(delivered.occurred_on, {{ day_of('delivered.occurred_at') }}) as occurred_on
    from delivered
    left join taxonomy as mapped on delivered.source_event = mapped.source_event
    -- an event that the taxonomy does not list gets the default of its record type
    left join taxonomy as defaults
        on delivered.source_system || '.' || delivered.source_record_type || '.*' = defaults.source_event
    -- every event of a visit carries the channel through which the visit began
    left join taxonomy as arrival on delivered.arrival_event = arrival.source_event
    left join person_records on delivered.person_record_id = person_records.person_record_id
    {% if own_text_models() -%}
        left join {{ ref('text_sentiments') }} as moods on delivered.customer_text = moods.customer_text
    {%- endif %}
)

select * from interactions
