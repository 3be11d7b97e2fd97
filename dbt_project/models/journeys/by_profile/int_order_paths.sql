with

orders as (
    select
        order_id,
        profile_id,
        ordered_at,
        channel
    from {{ ref('orders') }}
    where is_order and not is_renewal and profile_id is not null and {{ touched_profiles_only('profile_id') }}
),

creditable as (
    select
        touchpoint_id,
        profile_id,
        occurred_at,
        coalesce(campaign_channel, channel) as channel,
        campaign
    from {{ ref('touchpoints') }}
    where is_creditable and profile_id is not null and {{ touched_profiles_only('profile_id') }}
),

-- A visit is credited to its first touchpoint: the advertisement, not the pages that follow it.
visits as (
    select *
    from creditable
    qualify
        coalesce(
            occurred_at > lag(occurred_at) over (partition by profile_id order by occurred_at, touchpoint_id)
            + interval '{{ var("session_gap_minutes") }} minutes',
            true
        )
),

paths as (
    select
        orders.order_id,
        orders.profile_id,
        coalesce(visits.channel, if(orders.channel = 'store', 'store_walk_in', 'direct')) as channel,
        visits.campaign,
        visits.touchpoint_id is null as is_fallback,
        row_number() over (
            partition by orders.order_id order by visits.occurred_at, visits.touchpoint_id
        ) as visit_number,
        count(*) over (partition by orders.order_id) as visit_count
    from orders
    left join visits
        on
            orders.profile_id = visits.profile_id
            and orders.ordered_at >= visits.occurred_at
            and orders.ordered_at <= visits.occurred_at + interval '{{ var("attribution_window_days") }} days'
)

select * from paths
