with

current_statements as (
    select * from {{ ref('consent_history') }}
    where is_current and state <> 'unknown'
),

reachable as (
    select
        profile_id,
        bool_or(identifier_type = 'email') as has_email,
        bool_or(identifier_type = 'phone') as has_phone
    from {{ ref('profile_identifiers') }}
    where identifier_type in ('email', 'phone') and not is_shared
    group by profile_id
),

addressed as (
    select profile_id
    from {{ ref('profile_attributes') }}
    where attribute = 'address_line' and is_golden
),

-- one refusal outweighs all consents; since_at is the time of the first refusal
merged as (
    select
        profile_id,
        channel,
        purpose,
        if(bool_or(state = 'refused'), 'refused', 'granted') as state,
        count(*) filter (where state = 'granted') as granting_count,
        count(*) filter (where state = 'refused') as refusing_count,
        arg_min(
            { 'record': person_record_id, 'field': source_field, 'stated_at': stated_at },
            {
                'is_outweighed': state <> 'refused',
                'stated_at': coalesce(stated_at, 'infinity'::timestamp),
                'record': person_record_id,
                'field': source_field
            }
        ) as decisive
    from current_statements
    group by profile_id, channel, purpose
),

consents as (
    select
        merged.profile_id,
        merged.channel,
        merged.purpose,
        merged.state,
        merged.decisive.stated_at as since_at,
        profile_records.source_system,
        profile_records.source_record_type,
        profile_records.source_record_id,
        merged.decisive.field as source_field,
        merged.granting_count,
        merged.refusing_count,
        merged.state = 'granted' and case
            when merged.channel = 'email' then coalesce(reachable.has_email, false)
            when merged.channel in ('phone', 'sms') then coalesce(reachable.has_phone, false)
            when merged.channel = 'direct_mail' then addressed.profile_id is not null
            else false
        end as is_contactable
    from merged
    inner join {{ ref('profile_records') }} as profile_records
        on merged.decisive.record = profile_records.person_record_id
    left join reachable on merged.profile_id = reachable.profile_id
    left join addressed on merged.profile_id = addressed.profile_id
)

select * from consents
