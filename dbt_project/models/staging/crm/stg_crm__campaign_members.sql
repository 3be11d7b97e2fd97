with delivered as (
    {{ newest_version(source('landing', 'crm_campaign_members'), ['Id'], 'SystemModstamp') }}
),

renamed as (
    select
        "Id" as campaign_member_id,
        {{ filled('"CampaignId"') }} as campaign_id,
        {{ collapsed('"CampaignName"') }} as campaign_name,
        {{ filled('"CampaignType"') }} as campaign_type,
        {{ filled('"ContactId"') }} as contact_id,
        {{ filled('"Status"') }} as member_status,
        coalesce("IsDeleted", false) as is_deleted,
        "FirstRespondedDate" as first_responded_at,
        "CreatedDate" as created_at,
        "SystemModstamp" as updated_at
    from delivered
)

select * from renamed
