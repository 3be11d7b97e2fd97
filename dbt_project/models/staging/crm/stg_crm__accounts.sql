with delivered as (
    {{ newest_version(source('landing', 'crm_accounts'), ['Id'], 'SystemModstamp') }}
),

renamed as (
    select
        "Id" as account_id,
        {{ collapsed('"Name"') }} as account_name,
        {{ filled('"Industry"') }} as industry,
        {{ filled('"Website"') }} as website,
        {{ website_domain('"Website"') }} as website_domain,
        {{ filled('"BillingCountry"') }} as country,
        coalesce("IsPersonAccount", false) as is_person_account,
        coalesce("IsDeleted", false) as is_deleted,
        "CreatedDate" as created_at,
        "SystemModstamp" as updated_at
    from delivered
)

select * from renamed
