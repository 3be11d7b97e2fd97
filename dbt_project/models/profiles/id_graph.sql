{{ config(materialized='view') }}
with

associations as (
    select
        profile_id as segment_id,
        profile_id as canonical_segment_id,
        created_at as timestamp
    from {{ ref('profiles') }}
    union all
    select
        old_profile_id as segment_id,
        profile_id as canonical_segment_id,
        redirected_at as timestamp
    from {{ ref('profile_redirects') }}
    where profile_id is not null
)

select * from associations
