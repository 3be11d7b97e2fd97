with

profile_records as (
    select * from {{ ref('profile_records') }}
),

person_records as (
    select * from {{ ref('person_records') }}
),

births as (
    select
        profile_id,
        min(occurred_at) as born_at
    from {{ ref('profile_events') }}
    where event_type = 'created'
    group by profile_id
),

golden as (
    select
        profile_id,
        max(person_record_id) filter (where attribute = 'name') as name_record_id,
        max(person_record_id) filter (where attribute = 'address') as address_record_id,
        max(attribute_value) filter (where attribute = 'date_of_birth')::date as date_of_birth,
        max(attribute_value) filter (where attribute = 'email') as email,
        max(attribute_value) filter (where attribute = 'phone') as phone,
        max(attribute_value) filter (where attribute = 'preferred_language') as preferred_language,
        max(attribute_value) filter (where attribute = 'account_id') as account_id
    from {{ ref('int_attribute_candidates') }}
    where candidate_rank = 1
    group by profile_id
),

activity as (
    select
        profile_records.profile_id,
        min(interactions.occurred_at) as first_active_at,
        max(interactions.occurred_at) as last_active_at
    from {{ ref('interactions') }} as interactions
    inner join profile_records on interactions.person_record_id = profile_records.person_record_id
    group by profile_records.profile_id
),

members as (
    select
        profile_records.profile_id,
        count(*) as record_count,
        list_sort(list(distinct profile_records.source_system)) as source_systems,
        min(least(person_records.created_at, person_records.updated_at)) as first_recorded_at,
        max(greatest(person_records.created_at, person_records.updated_at)) as last_recorded_at,
        coalesce(min(profile_records.match_probability), 1.0) as identity_confidence,
        bool_and(person_records.email_consent) as email_consent,
        bool_and(person_records.phone_consent) as phone_consent,
        min(profile_records.linked_at) as first_linked_at,
        max(profile_records.linked_at) as last_linked_at
    from profile_records
    left join person_records on profile_records.person_record_id = person_records.person_record_id
    group by profile_records.profile_id
),

profiles as (
    select
        members.profile_id,
        names.full_name,
        names.given_name,
        names.family_name,
        golden.date_of_birth,
        golden.email,
        golden.phone,
        addresses.address_line,
        addresses.city,
        addresses.region,
        addresses.postcode,
        addresses.country_code,
        golden.preferred_language,
        golden.account_id,
        members.record_count,
        len(members.source_systems) as source_count,
        members.source_systems,
        least(members.first_recorded_at, activity.first_active_at) as first_seen_at,
        greatest(members.last_recorded_at, activity.last_active_at) as last_seen_at,
        if(members.record_count = 1, 1.0, members.identity_confidence) as identity_confidence,
        members.email_consent,
        members.phone_consent,
        coalesce(names.full_name, golden.email, golden.phone) is null as is_anonymous,
        coalesce(births.born_at, members.first_linked_at) as created_at,
        greatest(members.last_linked_at, members.last_recorded_at) as updated_at
    from members
    left join golden on members.profile_id = golden.profile_id
    left join activity on members.profile_id = activity.profile_id
    left join births on members.profile_id = births.profile_id
    left join person_records as names on golden.name_record_id = names.person_record_id
    left join person_records as addresses on golden.address_record_id = addresses.person_record_id
)

select * from profiles
