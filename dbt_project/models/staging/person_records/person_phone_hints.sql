with records as (
    select * from {{ ref('delivered_person_records') }}
),

countries as (
    select * from {{ ref('standard_countries') }}
    where is_valid
),

-- the country of most records; of equals the first by code
usual_country as (
    select countries.standard_value as country_code
    from records
    inner join countries on records.country = countries.raw_value
    group by countries.standard_value
    order by count(*) desc, countries.standard_value
    limit 1
),

phone_hints as (
    select
        records.person_record_id,
        coalesce(own.standard_value, hinted.standard_value, usual_country.country_code) as country_hint
    from records
    left join countries as own on records.country = own.raw_value
    left join countries as hinted on records.phone_country = hinted.raw_value
    left join usual_country on true
)

select * from phone_hints
