with

revenue as (
    select * from {{ ref('int_touchpoint_revenue') }}
),

newest as (
    select as_of_at from {{ ref('as_of') }}
),

totals as (
    select
        profile_id,
        count(*) filter (where is_order) as order_count,
        count(*) filter (where is_order and is_renewal) as renewal_count,
        min(occurred_at) filter (where is_order) as first_order_at,
        max(occurred_at) filter (where is_order) as last_order_at,
        max(occurred_on) filter (where is_order) as last_order_on,
        count(distinct occurred_on) filter (where is_order) as purchase_day_count,
        coalesce(sum(reporting_amount) filter (where is_order), 0)::decimal(18, 2) as ordered_amount,
        coalesce(-sum(reporting_amount) filter (where reporting_amount < 0), 0)::decimal(18, 2) as refunded_amount,
        coalesce(sum(reporting_amount), 0)::decimal(18, 2) as revenue_amount,
        bool_and(reporting_amount is not null) as is_revenue_complete
    from revenue
    group by profile_id
),

-- A card without a name may be one of several of a customer: it is no customer to rank others against. Nor is who
-- may not be used.
measured as (
    select
        totals.*,
        newest.as_of_at,
        datesub('day', totals.last_order_at, newest.as_of_at) as recency_days,
        totals.order_count > 0 as is_buyer,
        is_buyer and not profiles.is_anonymous and profiles.is_restricted is not true as is_ranked
    from totals
    inner join {{ ref('profiles') }} as profiles on totals.profile_id = profiles.profile_id
    cross join newest
),

-- Rank instead of ntile: profiles with the same value must get the same score. A renewal is a sign of a customer who
-- stays, so it counts as recent; the customer did not decide again, so it counts as no further order.
ranked as (
    select
        *,
        count(*) over (partition by is_ranked) as buyer_count,
        rank() over (partition by is_ranked order by recency_days desc) as recency_rank,
        rank() over (partition by is_ranked order by order_count - renewal_count) as frequency_rank,
        rank() over (partition by is_ranked order by revenue_amount) as monetary_rank
    from measured
),

scored as (
    select
        profile_id,
        order_count,
        renewal_count,
        purchase_day_count,
        first_order_at,
        last_order_at,
        last_order_on,
        as_of_at,
        ordered_amount,
        refunded_amount,
        revenue_amount,
        is_revenue_complete,
        recency_days,
        is_buyer,
        if(is_ranked, least(5, 1 + 5 * (recency_rank - 1) // greatest(buyer_count - 1, 1)), null)::integer
            as recency_score,
        if(is_ranked, least(5, 1 + 5 * (frequency_rank - 1) // greatest(buyer_count - 1, 1)), null)::integer
            as frequency_score,
        if(is_ranked, least(5, 1 + 5 * (monetary_rank - 1) // greatest(buyer_count - 1, 1)), null)::integer
            as monetary_score
    from ranked
)

select * from scored
