{{ config(materialized='view') }}
with

assignments as (
    select * from {{ source('identity', 'profile_assignments') }}
),

crosswalk as (
    select
        person_record_id,
        source_system,
        source_record_type,
        source_record_id,
        profile_id,
        profile_id_first,
        link_reason,
        match_probability,
        cast(linked_at as timestamp) as linked_at
    from assignments
)

select * from crosswalk
