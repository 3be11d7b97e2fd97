{%- set types = "('email', 'phone', 'loyalty_number', 'shop_customer_id', 'card_fingerprint')" -%}
with

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
    from {{ ref('int_attribute_offers') }}
    where attribute in {{ types }} and {{ touched_profiles_only('profile_id') }}
    group by profile_id, attribute, attribute_value
),

-- of all profiles, not of those alone that have changed
counted as (
    select
        offers.attribute as identifier_type,
        offers.attribute_value as identifier_value,
        count(distinct offers.profile_id) as profile_count
    from {{ ref('int_attribute_offers') }} as offers
    semi join held on offers.attribute = held.identifier_type and offers.attribute_value = held.identifier_value
    where offers.attribute in {{ types }}
    group by offers.attribute, offers.attribute_value
),

identifiers as (
    select
        held.profile_id,
        held.identifier_type,
        held.identifier_value,
        sha256(held.identifier_value) as identifier_sha256,
        sha256({{ google_form('held.identifier_type', 'held.identifier_value') }}) as google_sha256,
        sha256({{ meta_form('held.identifier_type', 'held.identifier_value') }}) as meta_sha256,
        held.is_primary,
        held.is_shared,
        counted.profile_count,
        held.record_count,
        held.first_seen_at,
        held.last_seen_at
    from held
    inner join counted
        on held.identifier_type = counted.identifier_type and held.identifier_value = counted.identifier_value
)

select * from identifiers
