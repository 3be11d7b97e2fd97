with delivered as (
    {{ newest_version(source('landing', 'ecommerce_orders'), ['id'], 'updated_at') }}
),

addressed as (
    select
        *,
        -- the buyer's address goes before the receiver's
        coalesce(
            nullif(json_extract(billing_address, '$')::varchar, 'null'),
            nullif(json_extract(shipping_address, '$')::varchar, 'null')
        ) as address,
        nullif(json_extract(billing_address, '$')::varchar, 'null') is not null as has_billing_address
    from delivered
),

renamed as (
    select
        id as order_id,
        {{ filled('name') }} as order_name,
        {{ json_text('customer', '$.id') }} as customer_id,
        {{ filled('email') }} as email,
        {{ filled('phone') }} as phone,
        {{ json_text('address', '$.first_name') }} as given_name,
        {{ json_text('address', '$.last_name') }} as family_name,
        nullif(
            concat_ws(', ', {{ json_text('address', '$.address1') }}, {{ json_text('address', '$.address2') }}), ''
        ) as address_line,
        {{ json_text('address', '$.city') }} as city,
        {{ json_text('address', '$.province_code') }} as region,
        {{ json_text('address', '$.zip') }} as postcode,
        {{ json_text('address', '$.country_code') }} as country,
        {{ json_text('address', '$.phone') }} as address_phone,
        has_billing_address,
        upper({{ filled('currency') }}) as currency,
        total_price::decimal(18, 2) as total_amount,
        subtotal_price::decimal(18, 2) as subtotal_amount,
        total_discounts::decimal(18, 2) as discount_amount,
        current_total_price::decimal(18, 2) as current_total_amount,
        {{ filled('financial_status') }} as financial_status,
        coalesce(test, false) as is_test,
        {{ filled('fulfillment_status') }} as fulfillment_status,
        {{ filled('source_name') }} as source_name,
        {{ filled('tags') }} as tags,
        {{ filled('landing_site') }} as landing_site,
        {{ filled('referring_site') }} as referring_site,
        line_items,
        refunds,
        fulfillments,
        coalesce(processed_at, created_at) as ordered_at,
        cancelled_at,
        created_at,
        updated_at
    from addressed
)

select * from renamed
