{#- A view: one model reads these two million rows, and writing them costs more than computing them once. -#}
{{ config(materialized='view') }}
{%- set traits = [
    'segment', 'churn_risk_score', 'no_order_probability', 'order_count', 'own_order_count', 'revenue_amount', 'return_rate',
    'recency_days', 'preferred_channel',
    'is_omnichannel', 'nps_group', 'average_csat_score', 'average_ces_score', 'average_sentiment_score', 'ticket_count',
    'service_effort', 'is_contactable_by_email', 'is_contactable_by_phone', 'is_contactable_by_sms',
    'open_recovery_count', 'online_order_count', 'researched_order_count', 'days_since_abandonment',
] -%}
with

contacts as (
    select
        profile_id,
        bool_or(channel = 'email') as is_contactable_by_email,
        bool_or(channel = 'call') as is_contactable_by_phone,
        bool_or(channel = 'sms') as is_contactable_by_sms
    from {{ ref('profile_consents') }}
    where is_contactable and purpose = 'marketing'
    group by profile_id
),

recoveries as (
    select
        profile_id,
        count(*) as open_recovery_count
    from {{ ref('moments') }}
    where moment_type = 'service_recovery' and is_current
    group by profile_id
),

online_orders as (
    select
        profile_id,
        count(*) as online_order_count
    from {{ ref('touchpoints') }}
    where is_order and channel <> 'store' and profile_id is not null
    group by profile_id
),

journeys as (
    select
        profile_id,
        count(*) filter (where is_research_online_purchase_in_store) as researched_order_count,
        max(abandoned_at) as abandoned_at
    from {{ ref('journeys') }}
    group by profile_id
),

wide as (
    select
        metrics.*,
        metrics.order_count - metrics.renewal_count as own_order_count,
        coalesce(contacts.is_contactable_by_email, false) as is_contactable_by_email,
        coalesce(contacts.is_contactable_by_phone, false) as is_contactable_by_phone,
        coalesce(contacts.is_contactable_by_sms, false) as is_contactable_by_sms,
        coalesce(recoveries.open_recovery_count, 0) as open_recovery_count,
        coalesce(online_orders.online_order_count, 0) as online_order_count,
        coalesce(journeys.researched_order_count, 0) as researched_order_count,
        datesub('day', journeys.abandoned_at, metrics.as_of_at) as days_since_abandonment
    from {{ ref('profile_metrics') }} as metrics
    left join contacts on metrics.profile_id = contacts.profile_id
    left join recoveries on metrics.profile_id = recoveries.profile_id
    left join online_orders on metrics.profile_id = online_orders.profile_id
    left join journeys on metrics.profile_id = journeys.profile_id
),

texts as (
    select
        {% for trait in traits -%}
            {{ trait }}::varchar as {{ trait }},
        {% endfor -%}
        profile_id
    from wide
),

all_traits as (
    unpivot texts on {{ traits | join(', ') }} into name trait value trait_value
),

traits as (
    select
        profile_id,
        trait,
        trait_value
    from all_traits
)

select * from traits
