with

profiles as (
    select
        profile_id,
        is_anonymous,
        if(is_restricted, 'restricted', if(is_anonymous, 'anonymous', 'prospects')) as without_scores
    from {{ ref('profiles') }}
),

orders as (
    select * from {{ ref('int_profile_orders') }}
),

channels as (
    select * from {{ ref('int_profile_channels') }}
),

experience as (
    select * from {{ ref('int_profile_experience') }}
),

categories as (
    select * from {{ ref('int_profile_categories') }}
),

predictions as (
    select * from {{ ref('int_purchase_predictions') }}
),

recommendations as (
    select * from {{ ref('int_profile_recommendations') }}
),

segments as (
    select * from {{ ref('rfm_segments') }}
),

newest as (
    select as_of_at from {{ ref('as_of') }}
),

metrics as (
    select
        profiles.profile_id,
        orders.recency_days,
        coalesce(orders.order_count, 0) as order_count,
        coalesce(orders.revenue_amount, 0) as revenue_amount,
        '{{ var("reporting_currency") }}' as currency,
        coalesce(orders.is_revenue_complete, true) as is_revenue_complete,
        round(orders.ordered_amount / nullif(orders.order_count, 0), 2)::decimal(18, 2) as average_order_amount,
        -- A refund can exceed the order (postage, goodwill); the rate is at most one.
        if(orders.ordered_amount > 0, least(1.0, orders.refunded_amount / orders.ordered_amount), null) as return_rate,
        orders.recency_score,
        orders.frequency_score,
        orders.monetary_score,
        coalesce(segments.segment, profiles.without_scores) as segment,
        predictions.churn_risk_score,
        predictions.no_order_probability,
        predictions.predicted_order_count,
        predictions.predicted_next_order_on,
        channels.preferred_channel,
        channels.preferred_hour,
        channels.time_zone,
        coalesce(channels.is_omnichannel, false) as is_omnichannel,
        experience.nps_score,
        case
            when experience.nps_score >= 9 then 'promoter'
            when experience.nps_score >= 7 then 'passive'
            when experience.nps_score >= 0 then 'detractor'
        end as nps_group,
        experience.average_csat_score,
        experience.average_ces_score,
        experience.average_sentiment_score,
        coalesce(experience.service_effort, 0) as service_effort,
        coalesce(experience.ticket_count, 0) as ticket_count,
        coalesce(experience.reopened_ticket_count, 0) as reopened_ticket_count,
        experience.median_resolution_minutes,
        coalesce(categories.favourite_categories, []) as favourite_categories,
        coalesce(recommendations.recommended_products, []) as recommended_products,
        newest.as_of_at,
        profiles.is_anonymous,
        coalesce(orders.renewal_count, 0) as renewal_count
    from profiles
    cross join newest
    left join orders on profiles.profile_id = orders.profile_id
    left join channels on profiles.profile_id = channels.profile_id
    left join experience on profiles.profile_id = experience.profile_id
    left join categories on profiles.profile_id = categories.profile_id
    left join predictions on profiles.profile_id = predictions.profile_id
    left join recommendations on profiles.profile_id = recommendations.profile_id
    left join segments
        on
            orders.recency_score = segments.recency_score
            and (orders.frequency_score + orders.monetary_score + 1) // 2 = segments.value_score
)

select * from metrics
