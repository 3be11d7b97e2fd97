{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['profile_id', 'valid_from'],
    on_schema_change='append_new_columns',
    full_refresh=false
) }}
{%- set columns = history_columns() -%}
with

profiles as (
    select * from {{ ref('profiles') }}
),

known as (
    {% if is_incremental() -%}
        select * from {{ this }}
        where valid_to is null
    {%- else -%}
        select
            *,
            null::timestamp as valid_from,
            []::varchar[] as changed_columns
        from profiles
        where false
    {%- endif %}
),

compared as (
    select
        profiles.*,
        known.profile_id as known_id,
        []::varchar[]
        {%- for column in columns %}
            || if(profiles.{{ column }} is distinct from known.{{ column }}, ['{{ column }}'], [])
        {%- endfor %} as changed_columns
    from profiles
    left join known on profiles.profile_id = known.profile_id
),

begun as (
    select
        profile_id,
        {{ run_time() }} as valid_from,
        null::timestamp as valid_to,
        if(known_id is null, [], changed_columns) as changed_columns,
        {{ columns | join(', ') }}
    from compared
    where known_id is null or len(changed_columns) > 0
),

ended as (
    select
        known.profile_id,
        known.valid_from,
        {{ run_time() }} as valid_to,
        known.changed_columns,
        known.{{ columns | join(', known.') }}
    from known
    left join compared on known.profile_id = compared.profile_id
    where compared.profile_id is null or len(compared.changed_columns) > 0
),

versions as (
    select * from begun
    union all
    select * from ended
)

select * from versions
