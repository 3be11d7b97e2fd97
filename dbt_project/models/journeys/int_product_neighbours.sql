{#-
  Customers who bought this also bought: cosine between products over the customers who bought them, as in Linden,
  Smith and York, "Amazon.com recommendations: item-to-item collaborative filtering", IEEE Internet Computing 7 (2003).
-#}
with

bought as (
    select products.*
    from {{ ref('int_profile_products') }} as products
    anti join {{ ref('int_restricted_profiles') }} as restricted on products.profile_id = restricted.profile_id
),

products as (
    select
        sku,
        count(*) as buyer_count
    from bought
    group by sku
),

pairs as (
    select
        own.sku,
        other.sku as other_sku,
        count(*) as both_count
    from bought as own
    inner join bought as other on own.profile_id = other.profile_id and own.sku < other.sku
    group by own.sku, other.sku
    -- A pair that few customers share is chance.
    having count(*) >= {{ var('recommendation_support') }}
),

both_ways as (
    select * from pairs
    union all
    select
        other_sku as sku,
        sku as other_sku,
        both_count
    from pairs
),

neighbours as (
    select
        both_ways.sku,
        both_ways.other_sku,
        round(both_ways.both_count / sqrt(products.buyer_count * others.buyer_count), 6)::decimal(9, 6) as similarity
    from both_ways
    inner join products on both_ways.sku = products.sku
    inner join products as others on both_ways.other_sku = others.sku
    qualify row_number() over (partition by both_ways.sku order by similarity desc, both_ways.other_sku asc) <= 20
)

select * from neighbours
