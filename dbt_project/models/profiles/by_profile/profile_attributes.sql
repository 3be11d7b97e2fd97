{%- set parts = {
    'name': ['full_name', 'given_name', 'family_name'],
    'address': ['address_line', 'city', 'region', 'postcode', 'country_code'],
} -%}
with person_records as not materialized (
    select * from {{ ref('person_records') }}
),

touched as (
    select * from {{ ref('int_attribute_offers') }}
    where
        attribute not in ('loyalty_number', 'shop_customer_id', 'card_fingerprint', 'other_identifier')
        and {{ touched_profiles_only('profile_id') }}
),

other_addresses as (
    select
        touched.person_record_id,
        {{ same_address('person_records', 'golden_records') }} as is_same
    from touched
    inner join person_records on touched.person_record_id = person_records.person_record_id
    inner join person_records as golden_records on touched.golden_record_id = golden_records.person_record_id
    where touched.attribute = 'address' and touched.offer_rank > 1
),

offers as (
    select
        touched.*,
        {% for column in parts.name + parts.address -%}
            person_records.{{ column }},
        {% endfor -%}
        touched.offer_rank = 1 or (touched.attribute = 'address' and coalesce(addresses.is_same, false)) as is_eligible
    from touched
    inner join person_records on touched.person_record_id = person_records.person_record_id
    left join other_addresses as addresses on touched.person_record_id = addresses.person_record_id
),

-- a name and an address are chosen as a whole and published in parts
offers_in_parts as (
    select * from offers
    where attribute not in ('{{ parts | join("', '") }}')
    {%- for whole, columns in parts.items() %}
        union all
        select
            * replace (
                unnest({{ columns }}) as attribute,
                unnest([{{ columns | join(', ') }}]) as attribute_value
            )
        from offers
        where attribute = '{{ whole }}'
    {%- endfor %}
),

distinct_values as (
    select
        profile_id,
        attribute,
        attribute_value as value,
        min(offer_rank) as best_rank,
        min(offer_rank) filter (where is_eligible) as eligible_rank,
        arg_min(lost_by, offer_rank) as lost_by,
        arg_min(person_record_id, offer_rank) as person_record_id,
        arg_min(observed_at, offer_rank) as observed_at,
        count(*) as record_count
    from offers_in_parts
    where attribute_value is not null
    group by profile_id, attribute, attribute_value
),

-- a part that the golden name or address lacks has no golden value: its other values are ranked from 2
ranked as (
    select
        *,
        lead(lost_by) over (partition by profile_id, attribute order by best_rank, value) as runner_up_lost_by,
        coalesce(eligible_rank = min(eligible_rank) over (in_order), false) as is_golden,
        row_number() over (in_order) + if(min(eligible_rank) over (in_order) is null, 1, 0) as rank
    from distinct_values
    window in_order as (
        partition by profile_id, attribute order by eligible_rank asc nulls last, best_rank asc, value asc
    )
),

rectified as (
    select * from {{ ref('int_rectified_profiles') }}
    where {{ touched_profiles_only('profile_id') }}
),

profile_attributes as (
    {{ attributes_as_set('ranked', 'rectified', 'person_records') }}
)

select * from profile_attributes
