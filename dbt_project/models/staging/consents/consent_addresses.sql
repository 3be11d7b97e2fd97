-- one join for each kind: a condition on one side of an outer join makes DuckDB compare each row with each
with contacts as (
    select
        contacts.person_record_id,
        contacts.source_field,
        contacts.statement_number,
        contacts.kind as identifier_type,
        coalesce(emails.standard_value, lower(trim(contacts.raw_value))) as identifier_value
    from {{ ref('consent_contacts') }} as contacts
    left join {{ ref('standard_emails') }} as emails on contacts.raw_value = emails.raw_value
    where contacts.kind = 'email'
    union all
    select
        contacts.person_record_id,
        contacts.source_field,
        contacts.statement_number,
        contacts.kind as identifier_type,
        phones.standard_value as identifier_value
    from {{ ref('consent_contacts') }} as contacts
    inner join {{ ref('standard_phones') }} as phones
        on
            contacts.raw_value = phones.raw_value
            and contacts.country_hint is not distinct from phones.country_hint
    where contacts.kind = 'phone'
),

-- a campaign does not say which address of the contact it used
of_unsubscriptions as (
    select
        unsubscriptions.person_record_id,
        unsubscriptions.source_field,
        unsubscriptions.statement_number,
        contacts.identifier_type,
        contacts.identifier_value
    from {{ ref('unsubscriptions') }} as unsubscriptions
    inner join contacts on unsubscriptions.person_record_id = contacts.person_record_id
),

consent_addresses as (
    select * from contacts
    where statement_number > 0 and identifier_value is not null
    union
    select * from of_unsubscriptions
    where identifier_value is not null
)

select * from consent_addresses
