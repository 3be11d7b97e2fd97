with

rectified_values as (
    select * from {{ ref('int_rectified_values') }}
),

-- where profiles were merged, the newest decision holds
rectified_profiles as (
    select
        profile_records.profile_id,
        rectified_values.attribute,
        rectified_values.value,
        rectified_values.why,
        rectified_values.decided_at,
        rectified_values.person_record_id
    from rectified_values
    inner join {{ ref('profile_records') }} as profile_records
        on rectified_values.person_record_id = profile_records.person_record_id
    qualify
        row_number() over (
            partition by profile_records.profile_id, rectified_values.attribute
            order by rectified_values.decided_at desc, rectified_values.person_record_id asc, rectified_values.value asc
        ) = 1
)

select * from rectified_profiles
