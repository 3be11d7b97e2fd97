{%- set parts = {
    'name': ['full_name', 'given_name', 'family_name'],
    'address': ['address_line', 'city', 'region', 'postcode', 'country_code'],
} -%}
with

offers as (
    select * from {{ ref('int_attribute_offers') }}
    where attribute not in ('loyalty_number', 'shop_customer_id', 'card_fingerprint')
),

person_records as (
    select * from {{ ref('person_records') }}
),

-- a name and an address are chosen whole and told in parts
told as (
    select
        profile_id,
        attribute,
        attribute_value as value,
        person_record_id,
        observed_at,
        offer_rank,
        lost_by
    from offers
    where attribute not in ('{{ parts | join("', '") }}')
    {%- for whole, columns in parts.items() %}
        union all
        select
            offers.profile_id,
            unnest([
                {% for column in columns -%}
                    '{{ column }}'{{ ',' if not loop.last }}
                {% endfor -%}
            ]) as attribute,
            unnest([
                {% for column in columns -%}
                    person_records.{{ column }}{{ ',' if not loop.last }}
                {% endfor -%}
            ]) as value,
            offers.person_record_id,
            offers.observed_at,
            offers.offer_rank,
            offers.lost_by
        from offers
        inner join person_records on offers.person_record_id = person_records.person_record_id
        where offers.attribute = '{{ whole }}'
    {%- endfor %}
),

distinct_values as (
    select
        profile_id,
        attribute,
        value,
        min(offer_rank) as best_rank,
        arg_min(lost_by, offer_rank) as lost_by,
        arg_min(person_record_id, offer_rank) as person_record_id,
        arg_min(observed_at, offer_rank) as observed_at,
        count(*) as record_count
    from told
    where value is not null
    group by profile_id, attribute, value
),

ranked as (
    select
        *,
        best_rank = 1 as is_golden,
        -- the record that gave the golden name or address may lack a part: then no value of that part is first
        row_number() over (partition by profile_id, attribute order by best_rank, value)
        + if(min(best_rank) over (partition by profile_id, attribute) = 1, 0, 1) as rank,
        lead(lost_by) over (partition by profile_id, attribute order by best_rank, value) as runner_up_lost_by
    from distinct_values
),

profile_attributes as (
    select
        ranked.profile_id,
        ranked.attribute,
        ranked.value,
        ranked.is_golden,
        ranked.rank,
        person_records.source_system,
        person_records.source_record_type,
        person_records.source_record_id,
        ranked.observed_at,
        ranked.record_count,
        case
            when not ranked.is_golden then {{ survivorship_reason('ranked.lost_by', has_won=false) }}
            when ranked.runner_up_lost_by is null then 'the only value told'
            else {{ survivorship_reason('ranked.runner_up_lost_by', has_won=true) }}
        end as reason
    from ranked
    inner join person_records on ranked.person_record_id = person_records.person_record_id
)

select * from profile_attributes
