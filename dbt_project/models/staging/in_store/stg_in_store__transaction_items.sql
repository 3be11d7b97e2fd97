with delivered as (
    {{ newest_version(source('landing', 'in_store_transaction_items'), ['transaction_id', 'line_no']) }}
),

renamed as (
    select
        transaction_id || ':' || line_no as transaction_item_id,
        transaction_id,
        line_no,
        {{ filled('sku') }} as sku,
        {{ collapsed('description') }} as product_title,
        {{ filled('category') }} as category,
        coalesce(is_gift_card, false) as is_gift_card,
        quantity,
        unit_price as unit_price_amount,
        line_amount::decimal(18, 2) as line_amount
    from delivered
)

select * from renamed
