with records as (
    select * from {{ ref('delivered_person_records') }}
),

countries as (
    select * from {{ ref('standard_countries') }}
    where is_valid
),

located as (
    select
        records.*,
        own.standard_value as own_country,
        hinted.standard_value as hinted_country
    from records
    left join countries as own on records.country = own.raw_value
    left join countries as hinted on records.phone_country = hinted.raw_value
),

-- identifiers that records of one person share; of a phone the last nine digits, which every spelling has in common
identifiers as (
    select
        person_record_id,
        own_country,
        unnest(list_concat(
            list_transform(emails, lambda e: 'email ' || lower(trim(e))),
            list_transform(phones, lambda p: 'phone ' || regexp_extract(regexp_replace(p, '[^0-9]', '', 'g'), '.{9}$')),
            list_transform(loyalty_numbers, lambda n: 'loyalty number ' || n),
            list_transform(shop_customer_ids, lambda i: 'shop customer ' || i),
            list_transform(card_fingerprints, lambda f: 'card ' || f),
            other_identifiers
        )) as identifier
    from located
),

-- an identifier that occurs in two countries is no evidence for either
identifier_countries as (
    select
        identifier,
        min(own_country) as country_code,
        count(*) as record_count
    from identifiers
    where own_country is not null and identifier <> 'phone '
    group by identifier
    having count(distinct own_country) = 1
),

related_countries as (
    select
        identifiers.person_record_id,
        identifier_countries.country_code,
        sum(identifier_countries.record_count) as record_count
    from identifiers
    inner join identifier_countries on identifiers.identifier = identifier_countries.identifier
    group by identifiers.person_record_id, identifier_countries.country_code
),

related as (
    select
        person_record_id,
        max_by(country_code, struct_pack(record_count, country_code)) as country_code
    from related_countries
    group by person_record_id
),

known_countries as (
    select
        own_country as country_code,
        if(own_country = 'GB', 'uk', lower(own_country)) as mail_domain,
        -- the most frequent country; of equally frequent ones the first by code
        row_number() over (order by count(*) desc, own_country) = 1 as is_usual
    from located
    where own_country is not null
    group by own_country
),

phone_hints as (
    select
        located.person_record_id,
        coalesce(
            located.own_country,
            related.country_code,
            located.hinted_country,
            by_mail_domain.country_code,
            usual.country_code
        ) as country_hint
    from located
    left join related on located.person_record_id = related.person_record_id
    left join known_countries as by_mail_domain
        on regexp_extract(lower(located.emails[1]), '\.([a-z]{2})$', 1) = by_mail_domain.mail_domain
    left join known_countries as usual on usual.is_usual
)

select * from phone_hints
