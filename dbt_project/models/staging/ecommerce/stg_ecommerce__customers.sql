with delivered as (
    {{ newest_version(source('landing', 'ecommerce_customers'), ['id'], 'updated_at') }}
),

addressed as (
    select
        *,
        -- Shopify delivers a default address as soon as there is one; older exports have only the list
        coalesce(
            nullif(json_extract(default_address, '$')::varchar, 'null'),
            json_extract(addresses, '$[0]')::varchar
        ) as address
    from delivered
),

renamed as (
    select
        id as customer_id,
        {{ filled('email') }} as email,
        {{ filled('phone') }} as phone,
        {{ filled('first_name') }} as given_name,
        {{ filled('last_name') }} as family_name,
        nullif(
            concat_ws(', ', {{ json_text('address', '$.address1') }}, {{ json_text('address', '$.address2') }}), ''
        ) as address_line,
        {{ json_text('address', '$.city') }} as city,
        {{ json_text('address', '$.province_code') }} as region,
        {{ json_text('address', '$.zip') }} as postcode,
        {{ json_text('address', '$.country_code') }} as country,
        {{ json_text('address', '$.phone') }} as address_phone,
        {{ filled('state') }} as account_state,
        coalesce(verified_email, false) as is_email_verified,
        {{ filled('tags') }} as tags,
        upper({{ filled('currency') }}) as currency,
        {{ json_text('email_marketing_consent', '$.state') }} as email_consent_state,
        {{ json_text('sms_marketing_consent', '$.state') }} as phone_consent_state,
        created_at,
        updated_at
    from addressed
)

select * from renamed
