with

creations as (
    select
        profile_id,
        min(occurred_at) as first_created_at
    from {{ ref('profile_events') }}
    where event_type = 'created'
    group by profile_id
),

consents as (
    select
        profile_id,
        bool_and(state = 'granted') filter (where channel = 'email') as email_consent,
        -- permission for messages is none to call, and without calls the phone is not free to use
        case
            when bool_or(state = 'refused') filter (where channel in ('call', 'sms')) then false
            when bool_and(state = 'granted') filter (where channel = 'call') then true
        end as phone_consent,
        bool_and(state = 'granted') filter (where channel = 'sms') as sms_consent,
        bool_and(state = 'granted') filter (where channel = 'call') as call_consent,
        bool_or(is_contactable) as is_contactable
    from {{ ref('profile_consents') }}
    where purpose = 'marketing'
    group by profile_id
),

members as (
    select
        profile_records.profile_id,
        count(*) as record_count,
        list_sort(list(distinct profile_records.source_system)) as source_systems,
        min(least(person_records.created_at, person_records.updated_at)) as first_recorded_at,
        max(greatest(person_records.created_at, person_records.updated_at)) as last_recorded_at,
        coalesce(min(profile_records.match_probability), 1.0) as identity_confidence,
        min(profile_records.linked_at) as first_linked_at,
        max(profile_records.linked_at) as last_linked_at
    from {{ ref('profile_records') }} as profile_records
    left join {{ ref('person_records') }} as person_records
        on profile_records.person_record_id = person_records.person_record_id
    group by profile_records.profile_id
),

profiles as (
    select
        members.profile_id,
        {% for attribute in golden_attributes() -%}
            golden.{{ attribute }},
        {% endfor -%}
        households.household_id,
        members.record_count,
        len(members.source_systems) as source_count,
        members.source_systems,
        least(members.first_recorded_at, activity.first_active_at) as first_seen_at,
        greatest(members.last_recorded_at, activity.last_active_at) as last_seen_at,
        if(members.record_count = 1, 1.0, members.identity_confidence) as identity_confidence,
        consents.email_consent,
        consents.phone_consent,
        consents.sms_consent,
        consents.call_consent,
        coalesce(consents.is_contactable, false) as is_contactable,
        coalesce(golden.full_name, golden.email, golden.phone) is null as is_anonymous,
        restricted.profile_id is not null as is_restricted,
        coalesce(creations.first_created_at, members.first_linked_at) as created_at,
        greatest(members.last_linked_at, members.last_recorded_at) as updated_at
    from members
    left join {{ ref('int_golden_values') }} as golden on members.profile_id = golden.profile_id
    left join {{ ref('int_household_members') }} as households on members.profile_id = households.profile_id
    left join consents on members.profile_id = consents.profile_id
    left join {{ ref('int_profile_inputs') }} as activity on members.profile_id = activity.profile_id
    left join {{ ref('int_restricted_profiles') }} as restricted on members.profile_id = restricted.profile_id
    left join creations on members.profile_id = creations.profile_id
)

select * from profiles
