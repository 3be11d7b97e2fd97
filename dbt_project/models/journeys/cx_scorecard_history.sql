{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['scored_on', 'function', 'metric', 'valid_from'],
    on_schema_change='append_new_columns',
    full_refresh=false
) }}
with

scores as (
    select
        scored_on,
        function,
        metric,
        value,
        sample_size
    from {{ ref('cx_scorecard') }}
),

known as (
    {% if is_incremental() -%}
        select * from {{ this }}
        where valid_to is null
    {%- else -%}
        select
            *,
            null::timestamp as valid_from
        from scores
        where false
    {%- endif %}
),

compared as (
    select
        coalesce(scores.scored_on, known.scored_on) as scored_on,
        coalesce(scores.function, known.function) as function,
        coalesce(scores.metric, known.metric) as metric,
        scores.value,
        scores.sample_size,
        known.value as known_value,
        known.sample_size as known_sample_size,
        known.valid_from
    from scores
    full join known
        on
            scores.scored_on = known.scored_on
            and scores.function = known.function
            and scores.metric = known.metric
    where
        scores.value is distinct from known.value
        or scores.sample_size is distinct from known.sample_size
),

versions as (
    select
        scored_on,
        function,
        metric,
        value,
        sample_size,
        {{ run_time() }} as valid_from,
        null::timestamp as valid_to
    from compared
    where value is not null
    union all
    select
        scored_on,
        function,
        metric,
        known_value as value,
        known_sample_size as sample_size,
        valid_from,
        {{ run_time() }} as valid_to
    from compared
    where valid_from is not null
)

select * from versions
