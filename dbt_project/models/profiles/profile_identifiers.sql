with

offers as (
    select * from {{ ref('int_attribute_offers') }}
    where attribute in ('email', 'phone', 'loyalty_number', 'shop_customer_id', 'card_fingerprint')
),

held as (
    select
        profile_id,
        attribute as identifier_type,
        attribute_value as identifier_value,
        min(offer_rank) = 1 as is_primary,
        bool_or(is_shared) as is_shared,
        count(*) as record_count,
        min(least(created_at, observed_at)) as first_seen_at,
        max(greatest(created_at, observed_at)) as last_seen_at
    from offers
    group by profile_id, attribute, attribute_value
),

identifiers as (
    select
        profile_id,
        identifier_type,
        identifier_value,
        sha256(identifier_value) as identifier_sha256,
        sha256({{ google_form('identifier_type', 'identifier_value') }}) as google_sha256,
        sha256({{ meta_form('identifier_type', 'identifier_value') }}) as meta_sha256,
        is_primary,
        is_shared,
        count(*) over (partition by identifier_type, identifier_value) as profile_count,
        record_count,
        first_seen_at,
        last_seen_at
    from held
)

select * from identifiers
