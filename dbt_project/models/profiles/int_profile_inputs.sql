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

-- DuckDB would materialise a CTE that is read several times: three million rows
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

common_uses as (
    {{ common_identifiers(ref('person_records'), ref('profile_records'), source('identity', 'shared_identifiers')) }}
),

rectified as (
    select * from {{ ref('int_rectified_values') }}
),

restricted as (
    select * from {{ ref('restricted_records') }}
),

inputs as (
    {% for relation in [
        'interactions', 'person_records', 'record_accounts', 'purchases', 'common_uses', 'rectified', 'restricted'
    ] -%}
        select
            person_record_id,
            {{ 'occurred_at' if relation == 'interactions' else 'null' }} as occurred_at,
            {{ 'if(effort_weight > 0, occurred_at, null)' if relation == 'interactions' else 'null' }} as acted_at,
            hash({{ relation }}) as row_hash
        from {{ relation }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- a sum is the same in any order; a journey ends when the customer's last act is old, so the hash covers that too
current_inputs as (
    select
        profile_records.profile_id,
        min(inputs.occurred_at) as first_active_at,
        max(inputs.occurred_at) as last_active_at,
        sum(inputs.row_hash::hugeint)::hugeint + hash(
            first_active_at,
            max(inputs.acted_at) + interval '{{ var("journey_gap_days") }} days'
            >= (select newest.as_of_at from {{ ref('as_of') }} as newest)
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
        from current_inputs
        where false
    {%- endif %}
),

-- a profile without inputs any more keeps its row, so that the other tables delete theirs
changed as (
    select
        coalesce(current_inputs.profile_id, known.profile_id) as profile_id,
        current_inputs.inputs_hash,
        current_inputs.first_active_at,
        current_inputs.last_active_at,
        {{ next_profile_build('known') }} as changed_in
    from current_inputs
    full join known on current_inputs.profile_id = known.profile_id
    where current_inputs.inputs_hash is distinct from known.inputs_hash
)

select * from changed
