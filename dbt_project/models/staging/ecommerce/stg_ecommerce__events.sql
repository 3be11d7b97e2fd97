with delivered as (
    {{ newest_version(source('landing', 'ecommerce_events'), ['messageId'], 'receivedAt') }}
),

renamed as (
    select
        "messageId" as event_id,
        lower({{ filled('"type"') }}) as event_type,
        {{ collapsed('event') }} as event_name,
        -- an alias says whose the former id of a visitor is: it identifies that visitor
        coalesce(
            if(lower({{ filled('"type"') }}) = 'alias', {{ filled('"previousId"') }}, null),
            {{ filled('"anonymousId"') }}
        ) as anonymous_id,
        {{ filled('"userId"') }} as customer_id,
        {{ json_text('context', '$.page.url') }} as page_url,
        {{ json_text('context', '$.page.referrer') }} as referrer_url,
        {{ json_text('context', '$.campaign.source') }} as campaign_source,
        {{ json_text('context', '$.campaign.medium') }} as campaign_medium,
        {{ json_text('context', '$.campaign.name') }} as campaign_name,
        {{ json_text('context', '$.device.type') }} as device_type,
        {{ json_text('traits', '$.email') }} as email,
        {{ json_text('traits', '$.phone') }} as phone,
        {{ json_text('traits', '$.firstName') }} as given_name,
        {{ json_text('traits', '$.lastName') }} as family_name,
        properties,
        coalesce("timestamp", "receivedAt") as occurred_at,
        "receivedAt" as received_at
    from delivered
)

select * from renamed
