with

candidates as (
    select * from {{ ref('int_attribute_candidates') }}
),

identifiers as (
    select
        profile_id,
        attribute as identifier_type,
        attribute_value as identifier_value,
        -- Staging delivers what ad platforms hash: e-mail in lower case and trimmed, phone as E.164.
        sha256(attribute_value) as identifier_sha256,
        min(candidate_rank) = 1 as is_primary,
        bool_or(is_shared) as is_shared,
        count(*) as record_count,
        min(least(created_at, observed_at)) as first_seen_at,
        max(greatest(created_at, observed_at)) as last_seen_at
    from candidates
    where attribute in ('email', 'phone', 'loyalty_number', 'shop_customer_id', 'card_fingerprint')
    group by profile_id, attribute, attribute_value
)

select * from identifiers
