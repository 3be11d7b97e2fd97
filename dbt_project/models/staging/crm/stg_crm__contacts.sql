with delivered as (
    {{ newest_version(source('landing', 'crm_contacts'), ['Id'], 'SystemModstamp') }}
),

renamed as (
    select
        "Id" as contact_id,
        {{ filled('"AccountId"') }} as account_id,
        {{ filled('"FirstName"') }} as given_name,
        {{ filled('"MiddleName"') }} as middle_name,
        {{ filled('"LastName"') }} as family_name,
        {{ filled('"Email"') }} as email,
        {{ filled('"Phone"') }} as phone,
        {{ filled('"MobilePhone"') }} as mobile_phone,
        "Birthdate" as date_of_birth,
        {{ filled('"MailingStreet"') }} as address_line,
        {{ filled('"MailingCity"') }} as city,
        {{ filled('"MailingState"') }} as region,
        {{ filled('"MailingPostalCode"') }} as postcode,
        {{ filled('"MailingCountry"') }} as country,
        {{ filled('"LeadSource"') }} as lead_source,
        {{ loyalty_number('"Loyalty_Number__c"') }} as loyalty_number,
        "HasOptedOutOfEmail" as has_opted_out_of_email,
        "DoNotCall" as has_opted_out_of_calls,
        coalesce("IsPersonAccount", false) as is_person_account,
        coalesce("IsDeleted", false) as is_deleted,
        "CreatedDate" as created_at,
        "LastModifiedDate" as modified_at,
        "SystemModstamp" as updated_at
    from delivered
)

select * from renamed
