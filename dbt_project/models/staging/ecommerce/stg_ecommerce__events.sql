with delivered as (
    {{ newest_version(source('landing', 'ecommerce_events'), ['messageId'], 'receivedAt') }}
),

placeholders as (
    select {{ identifier_word('value') }} as value from {{ ref('placeholder_values') }}
    -- a number may be the id of a customer: whether it stands for no one is decided with all that is known of it
    where kind = 'identifier' and regexp_matches(value, '[a-z]')
),

visited as (
    select
        *,
        -- an alias says whose the former id of a visitor is: it identifies that visitor
        coalesce(
            if(lower({{ filled('"type"') }}) = 'alias', {{ filled('"previousId"') }}, null),
            {{ filled('"anonymousId"') }}
        ) as visitor_id,
        {{ filled('"userId"') }} as user_id
    from delivered
),

renamed as (
    select
        "messageId" as event_id,
        lower({{ filled('"type"') }}) as event_type,
        {{ collapsed('event') }} as event_name,
        -- a word for no one would make one visitor, or one customer, of many
        if(
            {{ is_no_identifier('visitor_id') }}
            or {{ identifier_word('visitor_id') }} in (select placeholders.value from placeholders),
            null,
            visitor_id
        ) as anonymous_id,
        if(
            {{ is_no_identifier('user_id') }}
            or {{ identifier_word('user_id') }} in (select placeholders.value from placeholders),
            null,
            if(contains(user_id, '@'), lower(user_id), user_id)
        ) as customer_id,
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
    from visited
)

select * from renamed
