{%- set types = "('email', 'phone', 'loyalty_number', 'shop_customer_id', 'card_fingerprint', 'other_identifier')" -%}
{%- set type, value = (
    identifier_type('observed.identifier_type', 'observed.identifier_value'),
    identifier_value('observed.identifier_type', 'observed.identifier_value'),
) -%}
with

-- what a person set goes before all that records offer, and is theirs even where many have it
offers as not materialized (
    select
        profile_id,
        attribute,
        attribute_value,
        is_shared,
        offer_rank,
        created_at,
        observed_at
    from {{ ref('int_attribute_offers') }}
    union all
    select
        profile_id,
        attribute,
        value as attribute_value,
        false as is_shared,
        0 as offer_rank,
        decided_at as created_at,
        decided_at as observed_at
    from {{ ref('int_rectified_profiles') }}
),

observed as (
    select
        profile_id,
        attribute as identifier_type,
        attribute_value as identifier_value,
        min(offer_rank) as best_rank,
        bool_or(is_shared) and min(offer_rank) > 0 as is_shared,
        count(*) as record_count,
        min(least(created_at, observed_at)) as first_seen_at,
        max(greatest(created_at, observed_at)) as last_seen_at
    from offers
    where attribute in {{ types }} and {{ touched_profiles_only('profile_id') }}
    group by profile_id, attribute, attribute_value
),

-- counted over all profiles, not only over the touched ones
counts as (
    select
        offers.attribute as identifier_type,
        offers.attribute_value as identifier_value,
        count(distinct offers.profile_id) as profile_count
    from offers
    semi join observed
        on offers.attribute = observed.identifier_type and offers.attribute_value = observed.identifier_value
    where offers.attribute in {{ types }}
    group by offers.attribute, offers.attribute_value
),

identifiers as (
    select
        observed.profile_id,
        {{ type }} as identifier_type,
        {{ value }} as identifier_value,
        sha256({{ value }}) as identifier_sha256,
        sha256({{ google_form('observed.identifier_type', 'observed.identifier_value') }}) as google_sha256,
        sha256({{ meta_form('observed.identifier_type', 'observed.identifier_value') }}) as meta_sha256,
        observed.best_rank = min(observed.best_rank) over (partition by observed.profile_id, {{ type }}) as is_primary,
        observed.is_shared,
        counts.profile_count,
        observed.record_count,
        observed.first_seen_at,
        observed.last_seen_at
    from observed
    inner join counts
        on observed.identifier_type = counts.identifier_type and observed.identifier_value = counts.identifier_value
)

select * from identifiers
