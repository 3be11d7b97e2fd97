with

orders as (
    select
        profile_id,
        occurred_at,
        max(channel) as channel
    from {{ ref('touchpoints') }}
    where is_order and profile_id is not null
    group by profile_id, occurred_at
),

answers as (
    select
        touchpoints.touchpoint_id,
        orders.channel as last_order_channel
    from {{ ref('touchpoints') }} as touchpoints
    asof join orders on touchpoints.profile_id = orders.profile_id and touchpoints.occurred_at >= orders.occurred_at
    where touchpoints.survey_type = 'nps'
),

reversed_orders as (
    select
        order_touchpoint_id as touchpoint_id,
        bool_or(source_record_type = 'refund') as is_refunded,
        bool_or(source_record_type = 'cancellation') as is_cancelled
    from {{ ref('touchpoints') }}
    where source_system = 'ecommerce' and source_record_type in ('refund', 'cancellation')
    group by all
),

-- Cards without a name are no customers: they cannot look around online, and one person may pay with several.
customers as (
    select
        profiles.profile_id,
        profiles.source_count,
        newest.as_of_on
    from {{ ref('profiles') }} as profiles
    cross join {{ ref('as_of') }} as newest
    where not profiles.is_anonymous
),

observed_touchpoints as (
    select
        touchpoints.*,
        customers.profile_id is not null as is_of_customer,
        answers.last_order_channel,
        revenue.reporting_amount,
        campaigns.is_sending_recorded,
        coalesce(reversed_orders.is_refunded, false) as is_refunded,
        coalesce(reversed_orders.is_cancelled, false) as is_cancelled
    from {{ ref('touchpoints') }} as touchpoints
    left join customers on touchpoints.profile_id = customers.profile_id
    left join answers on touchpoints.touchpoint_id = answers.touchpoint_id
    left join {{ ref('int_touchpoint_revenue') }} as revenue on touchpoints.touchpoint_id = revenue.touchpoint_id
    left join {{ ref('campaigns') }} as campaigns
        on touchpoints.campaign = campaigns.campaign and touchpoints.source_record_type = 'campaign_member'
    left join reversed_orders on touchpoints.touchpoint_id = reversed_orders.touchpoint_id
    where touchpoints.source_record_type not in ('event', 'account_creation', 'enrolment')
),

journeys as (
    select all_journeys.*
    from {{ ref('journeys') }} as all_journeys
    inner join customers on all_journeys.profile_id = customers.profile_id
),

observations as (
    {% for function, metric, unit, worth, condition, place in scorecard_measures() -%}
        select
            '{{ function }}' as function,
            '{{ metric }}' as metric,
            '{{ unit }}' as unit,
            -- a store may be a day ahead of the company
            least({{ place[1] }}, (select newest.as_of_on from {{ ref('as_of') }} as newest)) as observed_on,
            ({{ worth }})::decimal(18, 4) as worth
        from {{ place[0] }}
        where {{ condition }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Of durations the single ones are kept, for medians.
daily as (
    select
        function,
        metric,
        unit,
        observed_on,
        count(*) as sample_size,
        sum(worth)::decimal(38, 4) as worth_sum,
        -- Each square is rounded before the sum, so that the sum is the same in any order.
        sum((worth::double * worth::double)::decimal(38, 4))::decimal(38, 4) as square_sum,
        if(unit = 'minutes', list_sort(list(worth::double)), null) as durations
    from observations
    group by function, metric, unit, observed_on
)

select * from daily
