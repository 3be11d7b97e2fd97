{%- set days_before = var('scorecard_days_before') -%}
with

observations as (
    select * from {{ ref('int_cx_observations') }}
),

-- Every metric has every day from its first observation to the newest one of all.
spans as (
    select
        function,
        metric,
        unit,
        min(observed_on) as first_on,
        max(max(observed_on)) over () as last_on
    from observations
    group by function, metric, unit
),

calendar as (
    select
        function,
        metric,
        unit,
        {{ each_day('first_on', 'last_on') }} as scored_on
    from spans
),

windows as (
    select
        calendar.function,
        calendar.metric,
        calendar.unit,
        calendar.scored_on,
        sum(observations.sample_size) over past as sample_size,
        sum(observations.worth_sum) over past::double as worth_sum,
        sum(observations.square_sum) over past::double as square_sum
    from calendar
    left join observations
        on
            calendar.function = observations.function
            and calendar.metric = observations.metric
            and calendar.scored_on = observations.observed_on
    window past as (
        partition by calendar.function, calendar.metric
        order by calendar.scored_on
        range between interval '{{ days_before }} days' preceding and current row
    )
),

single as (
    select
        function,
        metric,
        observed_on as scored_on,
        unnest(durations) as duration,
        false as is_day
    from observations
    union all
    select
        function,
        metric,
        scored_on,
        null as duration,
        true as is_day
    from calendar
    where unit = 'minutes'
),

medians as (
    select
        single.function,
        single.metric,
        single.scored_on,
        single.is_day,
        median(single.duration) over past as median_value,
        avg((single.duration <= metrics.target_minutes)::integer) over past as within_target_share
    from single
    inner join {{ ref('scorecard_metrics') }} as metrics
        on single.function = metrics.function and single.metric = metrics.metric
    window past as (
        partition by single.function, single.metric
        order by single.scored_on
        range between interval '{{ days_before }} days' preceding and current row
    )
)

select
    windows.*,
    medians.median_value,
    medians.within_target_share
from windows
left join medians
    on
        windows.function = medians.function
        and windows.metric = medians.metric
        and windows.scored_on = medians.scored_on
        and medians.is_day
