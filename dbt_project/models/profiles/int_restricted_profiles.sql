with

restricted_records as (
    select * from {{ ref('restricted_records') }}
),

restricted_profiles as (
    select
        profile_records.profile_id,
        min(restricted_records.decided_at) as restricted_at
    from restricted_records
    inner join {{ ref('profile_records') }} as profile_records
        on restricted_records.person_record_id = profile_records.person_record_id
    group by profile_records.profile_id
)

select * from restricted_profiles
