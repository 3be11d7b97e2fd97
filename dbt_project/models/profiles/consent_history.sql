{%- set of_field = 'partition by statements.person_record_id, statements.source_field, statements.channel,
            statements.purpose order by statements.statement_number' -%}
with

-- a refusal outlives its record: it stays with the profile that held the record last
former_profiles as (
    select
        history.person_record_id,
        arg_max(coalesce(redirects.profile_id, history.profile_id), history.valid_from) as profile_id
    from {{ ref('profile_record_history') }} as history
    left join {{ ref('profile_redirects') }} as redirects on history.profile_id = redirects.old_profile_id
    group by history.person_record_id
),

living as (
    select distinct profile_id
    from {{ ref('profile_records') }}
),

owners as (
    select
        person_record_id,
        profile_id,
        false as is_record_deleted
    from {{ ref('profile_records') }}
    union all
    select
        former.person_record_id,
        former.profile_id,
        true as is_record_deleted
    from former_profiles as former
    semi join living on former.profile_id = living.profile_id
    anti join {{ ref('profile_records') }} as current_records
        on former.person_record_id = current_records.person_record_id
),

with_lifts as (
    select
        owners.profile_id,
        statements.*,
        owners.is_record_deleted,
        lead(statements.stated_at) over ({{ of_field }}) as replaced_at,
        lead(statements.statement_number) over ({{ of_field }}) is null as is_current,
        list(statements.stated_at) filter (where statements.lifts_refusal) over (
            partition by owners.profile_id, statements.channel, statements.purpose
        ) as lifted_ats
    from {{ ref('consent_statements') }} as statements
    inner join owners on statements.person_record_id = owners.person_record_id
),

consent_history as (
    select
        profile_id,
        person_record_id,
        split_part(person_record_id, ':', 1) as source_system,
        split_part(person_record_id, ':', 2) as source_record_type,
        array_to_string(string_split(person_record_id, ':')[3:], ':') as source_record_id,
        channel,
        purpose,
        source_field,
        statement_number,
        state,
        stated_at,
        replaced_at,
        is_current,
        evidence,
        if(
            state = 'refused',
            list_min(list_filter(lifted_ats, lambda lifted_at: lifted_at > stated_at)),
            null
        ) as lifted_at,
        is_record_deleted
    from with_lifts
)

select * from consent_history
