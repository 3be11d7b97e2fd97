{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='profile_id',
    on_schema_change='append_new_columns',
    full_refresh=false
) }}
with

person_records as (
    select * from {{ ref('person_records') }}
),

-- an import that is read several times would be copied whole: three million rows
interactions as not materialized (
    select * from {{ ref('interactions') }}
),

record_accounts as (
    select * from {{ ref('int_record_accounts') }}
),

purchases as (
    select
        interactions.person_record_id,
        purchase_items.*
    from {{ ref('purchase_items') }} as purchase_items
    inner join interactions on purchase_items.interaction_id = interactions.interaction_id
    where interactions.stage = 'purchase'
),

uses as (
    {{ common_identifiers(ref('person_records'), ref('profile_records'), source('identity', 'shared_identifiers')) }}
),

inputs as (
    {% for told in ['interactions', 'person_records', 'record_accounts', 'purchases', 'uses'] -%}
        select
            person_record_id,
            {{ 'occurred_at' if told == 'interactions' else 'null' }} as occurred_at,
            hash({{ told }}) as row_hash
        from {{ told }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- A sum is the same in any order. Time alone ends a journey, so whether the last one is open counts as well.
told as (
    select
        profile_records.profile_id,
        min(inputs.occurred_at) as first_active_at,
        max(inputs.occurred_at) as last_active_at,
        sum(inputs.row_hash::hugeint)::hugeint + hash(
            first_active_at,
            last_active_at + interval '{{ var("journey_gap_days") }} days'
            >= (select max(interactions.occurred_at) from interactions)
        ) as inputs_hash
    from inputs
    inner join {{ ref('profile_records') }} as profile_records
        on inputs.person_record_id = profile_records.person_record_id
    group by profile_records.profile_id
),

known as (
    {% if is_incremental() -%}
        select * from {{ this }}
    {%- else -%}
        select
            *,
            0::bigint as changed_in
        from told
        where false
    {%- endif %}
),

-- A profile that ceased has no inputs left, and stays to say so.
changed as (
    select
        coalesce(told.profile_id, known.profile_id) as profile_id,
        told.inputs_hash,
        told.first_active_at,
        told.last_active_at,
        (select coalesce(max(former.changed_in), 0) + 1 from known as former)::bigint as changed_in
    from told
    full join known on told.profile_id = known.profile_id
    where told.inputs_hash is distinct from known.inputs_hash
)

select * from changed
