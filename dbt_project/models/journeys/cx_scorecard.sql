{%- set days_before = var('scorecard_days_before') -%}
with

windows as (
    select
        windows.*,
        windows.worth_sum / windows.sample_size as value,
        1.96 * 1.96 / windows.sample_size as z,
        coalesce(metrics.lowest, 0) as lowest,
        metrics.highest,
        windows.scored_on + coalesce(metrics.ripens_after_days, 0)
        <= (select newest.as_of_on from {{ ref('as_of') }} as newest) as is_ripe
    from {{ ref('int_cx_windows') }} as windows
    left join {{ ref('scorecard_metrics') }} as metrics
        on windows.function = metrics.function and windows.metric = metrics.metric
),

-- Wilson's interval, on a scale with two ends brought to 0 and 1: it lies within the scale and is never empty. Else the
-- normal interval of a mean, which observations that are all the same do not give.
intervals as (
    select
        *,
        (value - lowest) / (highest - lowest) as part,
        if(highest is null, value, lowest + (highest - lowest) * (part + z / 2) / (1 + z)) as centre,
        if(
            highest is null,
            nullif(sqrt(z * greatest(square_sum - worth_sum * value, 0) / nullif(sample_size - 1, 0)), 0),
            (highest - lowest) * sqrt(z * (greatest(part * (1 - part), 0) + z / 4)) / (1 + z)
        ) as half_width
    from windows
),

compared as (
    select
        *,
        lag(value, {{ days_before }} + 1) over metrics as previous_value,
        lag(half_width, {{ days_before }} + 1) over metrics as previous_half_width
    from intervals
    window metrics as (partition by function, metric order by scored_on)
),

scores as (
    select
        scored_on,
        function,
        metric,
        unit,
        round(value, 6) as value,
        round(median_value, 6) as median_value,
        round(within_target_share, 6) as within_target_share,
        sample_size::bigint as sample_size,
        round(previous_value, 6) as previous_value,
        if(half_width is null, null, round(greatest(centre - half_width, lowest), 6)) as lowest_value,
        if(half_width is null, null, round(least(centre + half_width, highest), 6)) as highest_value,
        -- half an interval is 1.96 standard errors
        abs(value - previous_value) > {{ var('scorecard_change_z') }} / 1.96
        * sqrt(half_width * half_width + previous_half_width * previous_half_width) as is_significant_change,
        is_ripe,
        sample_size < {{ var('scorecard_small_sample') }} as is_small_sample
    from compared
)

select * from scores
where sample_size > 0
