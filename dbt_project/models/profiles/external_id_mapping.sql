{{ config(materialized='view') }}
with

external_ids as (
    select
        profile_id,
        if(identifier_type = 'shop_customer_id', 'user_id', identifier_type) as external_id_type,
        identifier_value as external_id_value,
        is_primary,
        record_count,
        last_seen_at
    from {{ ref('profile_identifiers') }}
    union all by name
    select
        profile_records.profile_id,
        'anonymous_id' as external_id_type,
        profile_records.source_record_id as external_id_value,
        true as is_primary,
        1 as record_count,
        person_records.updated_at as last_seen_at
    from {{ ref('profile_records') }} as profile_records
    inner join {{ ref('person_records') }} as person_records
        on profile_records.person_record_id = person_records.person_record_id
    where profile_records.source_record_type = 'anonymous_visitor'
),

-- Segment maps an external id to one profile: of several that share it, the one that uses it most
mapping as (
    select
        profile_id as canonical_segment_id,
        external_id_type,
        external_id_value,
        sha256(external_id_type || ':' || external_id_value) as external_id_hash,
        last_seen_at as timestamp
    from external_ids
    qualify row_number() over (
        partition by external_id_type, external_id_value
        order by is_primary desc, record_count desc, last_seen_at desc nulls last, profile_id asc
    ) = 1
)

select * from mapping
