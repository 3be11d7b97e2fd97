with orders as (
    select
        order_id,
        currency,
        from_json(
            line_items,
            '[{
                "sku": "VARCHAR", "title": "VARCHAR", "product_type": "VARCHAR",
                "quantity": "DECIMAL(18, 4)", "price": "DECIMAL(18, 4)"
            }]'
        ) as lines
    from {{ ref('stg_ecommerce__orders') }}
),

transactions as (
    select * from {{ ref('stg_in_store__transactions') }}
),

transaction_items as (
    select * from {{ ref('stg_in_store__transaction_items') }}
),

order_lines as (
    select
        order_id,
        currency,
        generate_subscripts(lines, 1) as line_no,
        unnest(lines) as line
    from orders
),

order_items as (
    select
        'ecommerce:order:' || order_id || ':' || line_no as purchase_item_id,
        'ecommerce:order:' || order_id as interaction_id,
        {{ filled("line['sku']") }} as sku,
        {{ collapsed("line['title']") }} as product_title,
        {{ filled("line['product_type']") }} as category,
        line['quantity'] as quantity,
        line['price'] as unit_price_amount,
        {{ line_total("line['quantity']", "line['price']") }} as line_amount,
        currency
    from order_lines
),

store_items as (
    select
        'in_store:transaction:' || items.transaction_item_id as purchase_item_id,
        -- null while the transaction of a line is not delivered yet
        'in_store:transaction:' || transactions.transaction_id as interaction_id,
        items.sku,
        items.product_title,
        items.category,
        -- some tills record a return with positive numbers
        if(transactions.is_return, -abs(items.quantity), items.quantity) as quantity,
        items.unit_price_amount,
        coalesce(items.line_amount, {{ line_total('items.quantity', 'items.unit_price_amount') }}) as amount,
        if(transactions.is_return, -abs(amount), amount) as line_amount,
        transactions.currency
    from transaction_items as items
    left join transactions on items.transaction_id = transactions.transaction_id
),

purchase_items as (
    select * from order_items
    union all
    select * exclude (amount) from store_items
)

select * from purchase_items
