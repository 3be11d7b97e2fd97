with contacts as (
    select * from {{ ref('stg_crm__contacts') }}
),

person_accounts as (
    select account_id from {{ ref('stg_crm__accounts') }}
    where is_person_account
    union distinct
    select account_id from contacts
    where is_person_account
),

-- a person account is the person once more, no organisation that somebody works for
employed as (
    select contacts.* replace (if(person_accounts.account_id is null, contacts.account_id, null) as account_id)
    from contacts
    left join person_accounts on contacts.account_id = person_accounts.account_id
),

person_records as (
    select
        {{ person_record_id('crm', 'contact', 'contact_id') }} as person_record_id,
        'crm' as source_system,
        'contact' as source_record_type,
        contact_id as source_record_id,
        given_name,
        middle_name,
        family_name,
        date_of_birth,
        [email] as emails,
        [phone, mobile_phone] as phones,
        address_line,
        city,
        region,
        postcode,
        country,
        [loyalty_number] as loyalty_numbers,
        account_id,
        created_at,
        updated_at
    from employed
    where not is_deleted
)

select * from person_records
