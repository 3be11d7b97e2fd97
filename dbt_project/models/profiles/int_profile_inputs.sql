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

interactions as (
    select * from {{ ref('interactions') }}
),

record_accounts as (
    select * from {{ ref('int_record_accounts') }}
),

identifiers as (
    select
        person_record_id,
        unnest(list_concat(emails, phones, loyalty_numbers, shop_customer_ids, card_fingerprints)) as identifier_value
    from person_records
),

-- What the sources told, and what of other records changes a profile's rows: who uses the same values.
inputs as (
    select
        person_record_id,
        null::timestamp as occurred_at,
        hash(person_records) as row_hash
    from person_records
    union all
    select
        person_record_id,
        occurred_at,
        hash(interactions) as row_hash
    from interactions
    union all
    select
        person_record_id,
        null as occurred_at,
        hash(record_accounts) as row_hash
    from record_accounts
    union all
    select
        identifiers.person_record_id,
        null as occurred_at,
        hash(shared.identifier_type, shared.identifier_value) as row_hash
    from identifiers
    inner join {{ source('identity', 'shared_identifiers') }} as shared
        on identifiers.identifier_value = shared.identifier_value
),

newest as (
    select max(occurred_at) as as_of_at from interactions
),

told as (
    select
        profile_records.profile_id,
        -- A sum is the same in any order. Time alone ends a journey, so whether the last one is open counts as well.
        sum(inputs.row_hash::hugeint)::hugeint
        + coalesce(
            max(inputs.occurred_at) + interval '{{ var("journey_gap_days") }} days' >= max(newest.as_of_at), false
        )::integer as inputs_hash
    from inputs
    inner join {{ ref('profile_records') }} as profile_records
        on inputs.person_record_id = profile_records.person_record_id
    cross join newest
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
        (select coalesce(max(former.changed_in), 0) + 1 from known as former)::bigint as changed_in
    from told
    full join known on told.profile_id = known.profile_id
    where told.inputs_hash is distinct from known.inputs_hash
)

select * from changed
