with

-- a refusal stands until a later statement lifts it, whatever its field says now; a consent only while it is current
standing as (
    select
        profile_id,
        channel,
        purpose,
        state,
        person_record_id,
        source_field,
        stated_at,
        false as is_by_address
    from {{ ref('consent_history') }}
    where (state = 'refused' and lifted_at is null) or (state = 'granted' and is_current and not is_record_deleted)
),

-- the mailbox or number may have been refused in a record of another profile, or in one that is deleted
at_addresses as (
    select
        identifiers.profile_id,
        refused.channel,
        refused.purpose,
        'refused' as state,
        refused.person_record_id,
        refused.source_field,
        refused.refused_at as stated_at,
        true as is_by_address
    from {{ ref('int_refused_addresses') }} as refused
    inner join {{ ref('profile_identifiers') }} as identifiers
        on
            refused.identifier_type = identifiers.identifier_type
            and refused.identifier_value = identifiers.identifier_value
            and (identifiers.is_primary or not identifiers.is_shared)
),

answers as (
    select * from standing
    union all
    select * from at_addresses
),

-- one refusal outweighs all consents; since_at is the time of the first refusal
merged as (
    select
        profile_id,
        channel,
        purpose,
        if(bool_or(state = 'refused'), 'refused', 'granted') as state,
        count(*) filter (where state = 'granted') as granting_count,
        count(distinct person_record_id || ' ' || source_field) filter (
            where state = 'refused' and not is_by_address
        ) as refusing_count,
        bool_or(is_by_address) as is_address_refused,
        arg_min(
            { 'record': person_record_id, 'field': source_field, 'stated_at': stated_at },
            {
                'is_outweighed': state <> 'refused',
                'is_by_address': is_by_address,
                'stated_at': coalesce(stated_at, 'infinity'::timestamp),
                'record': person_record_id,
                'field': source_field
            }
        ) as decisive
    from answers
    group by profile_id, channel, purpose
),

consents as (
    select
        merged.profile_id,
        merged.channel,
        merged.purpose,
        merged.state,
        merged.decisive.stated_at as since_at,
        split_part(merged.decisive.record, ':', 1) as source_system,
        split_part(merged.decisive.record, ':', 2) as source_record_type,
        array_to_string(string_split(merged.decisive.record, ':')[3:], ':') as source_record_id,
        merged.decisive.field as source_field,
        merged.granting_count,
        merged.refusing_count,
        merged.state = 'granted' and restricted.profile_id is null and coalesce(case
            when merged.channel = 'email' then reach.has_email
            when merged.channel in ('call', 'sms') then reach.has_phone
            when merged.channel = 'post' then reach.has_address
            when merged.channel = 'ads' then reach.has_email or reach.has_phone
        end, false) as is_contactable,
        merged.is_address_refused
    from merged
    left join {{ ref('int_profile_reach') }} as reach on merged.profile_id = reach.profile_id
    left join {{ ref('int_restricted_profiles') }} as restricted on merged.profile_id = restricted.profile_id
)

select * from consents
