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
        unnest(range(first_on::timestamp, last_on + interval '1 day', interval '1 day'))::date as scored_on
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

valued as (
    select
        *,
        worth_sum / sample_size as value,
        -- Wilson's interval for shares, the normal interval of a mean for all else, which takes two observations.
        1.96 * 1.96 / sample_size as z,
        if(unit = 'share', (value + z / 2) / (1 + z), value) as centre,
        case
            when unit = 'share' then sqrt(z * (value * (1 - value) + z / 4)) / (1 + z)
            when sample_size > 1
                then sqrt(z * greatest(square_sum - worth_sum * value, 0) / (sample_size - 1))
        end as half_width
    from windows
),

scores as (
    select
        scored_on,
        function,
        metric,
        unit,
        round(value, 6) as value,
        sample_size::bigint as sample_size,
        round(lag(value, {{ days_before }} + 1) over metrics, 6) as previous_value,
        -- An interval ends where the scale ends.
        round(greatest(centre - half_width, case when metric = 'nps' then -100 when unit <> 'score' then 0 end), 6)
            as lowest_value,
        round(least(centre + half_width, case when metric = 'nps' then 100 when unit = 'share' then 1 end), 6)
            as highest_value,
        sample_size < {{ var('scorecard_small_sample') }} as is_small_sample
    from valued
    window metrics as (partition by function, metric order by scored_on)
),

scorecard as (
    select * from scores
    where sample_size > 0
)

select * from scorecard
