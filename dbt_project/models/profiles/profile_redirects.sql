{{ config(materialized='view') }}
with

identity_redirects as (
    select * from {{ source('identity', 'profile_redirects') }}
),

published_redirects as (
    select
        old_profile_id,
        profile_id,
        reason,
        record_share,
        cast(redirected_at as timestamp) as redirected_at
    from identity_redirects
)

select * from published_redirects
