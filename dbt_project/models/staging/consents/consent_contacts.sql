with versions as (
    select
        person_record_id,
        source_field,
        statement_number,
        unnest(list_concat(
            list_transform(emails, lambda e: { 'kind': 'email', 'raw_value': e }),
            list_transform(phones, lambda p: { 'kind': 'phone', 'raw_value': p })
        )) as contact,
        country
    from {{ ref('consent_versions') }}
),

-- a deleted record has no hint of its own any more
usual as (
    select mode(country_hint order by country_hint) as country_hint
    from {{ ref('person_phone_hints') }}
),

hinted as (
    select
        versions.person_record_id,
        versions.source_field,
        versions.statement_number,
        versions.contact.kind as kind,
        versions.contact.raw_value as raw_value,
        coalesce(hints.country_hint, countries.standard_value, usual.country_hint) as country_hint
    from versions
    cross join usual
    left join {{ ref('person_phone_hints') }} as hints on versions.person_record_id = hints.person_record_id
    left join {{ ref('standard_countries') }} as countries
        on versions.country = countries.raw_value and countries.is_valid
    where nullif(trim(versions.contact.raw_value), '') is not null
),

consent_contacts as (
    select
        person_record_id,
        source_field,
        statement_number,
        kind,
        raw_value,
        min(country_hint) filter (where kind = 'phone') as country_hint
    from hinted
    group by person_record_id, source_field, statement_number, kind, raw_value
)

select * from consent_contacts
