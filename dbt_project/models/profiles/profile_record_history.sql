{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['person_record_id', 'valid_from'],
    on_schema_change='append_new_columns',
    full_refresh=false
) }}
with

profile_records as (
    select * from {{ ref('profile_records') }}
),

known as (
    {% if is_incremental() -%}
        select * from {{ this }}
        where valid_to is null
    {%- else -%}
        select
            *,
            null::timestamp as valid_from
        from profile_records
        where false
    {%- endif %}
),

begun as (
    select
        profile_records.person_record_id,
        profile_records.profile_id,
        {{ run_time() }} as valid_from,
        null::timestamp as valid_to,
        profile_records.link_reason
    from profile_records
    left join known on profile_records.person_record_id = known.person_record_id
    where profile_records.profile_id is distinct from known.profile_id
),

ended as (
    select
        known.person_record_id,
        known.profile_id,
        known.valid_from,
        {{ run_time() }} as valid_to,
        known.link_reason
    from known
    left join profile_records on known.person_record_id = profile_records.person_record_id
    where profile_records.profile_id is distinct from known.profile_id
),

memberships as (
    select * from begun
    union all
    select * from ended
)

select * from memberships
