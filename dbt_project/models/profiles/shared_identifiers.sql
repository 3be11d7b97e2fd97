{{ config(materialized='view') }}
with

identity_shared as (
    select * from {{ source('identity', 'shared_identifiers') }}
),

published_shared as (
    select
        {{ identifier_type('identifier_type', 'identifier_value') }} as identifier_type,
        {{ identifier_value('identifier_type', 'identifier_value') }} as identifier_value,
        record_count,
        name_count,
        reason
    from identity_shared
)

select * from published_shared
