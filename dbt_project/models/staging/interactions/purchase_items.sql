with order_lines as (
    select * from {{ ref('ecommerce_order_lines') }}
),

transactions as (
    select transactions.*
    from {{ ref('stg_in_store__transactions') }} as transactions
    left join {{ ref('order_states') }} as order_states
        on lower(transactions.receipt_state) = order_states.source_state
    where order_states.order_state is distinct from 'test'
),

transaction_items as (
    select * from {{ ref('stg_in_store__transaction_items') }}
),

gift_card_categories as (
    select category from {{ ref('gift_card_categories') }}
),

order_items as (
    select
        'ecommerce:order:' || order_id || ':' || line_no as purchase_item_id,
        'ecommerce:order:' || order_id as interaction_id,
        source_line_id,
        {{ filled('sku') }} as sku,
        {{ collapsed('title') }} as product_title,
        {{ filled('product_type') }} as category,
        is_gift_card,
        quantity,
        price as unit_price_amount,
        {{ line_total('quantity', 'price') }} as line_amount,
        currency
    from order_lines
    where quantity <> 0 or quantity is null
),

store_items as (
    select
        'in_store:transaction:' || items.transaction_item_id as purchase_item_id,
        -- null while the transaction of a line is not delivered yet
        'in_store:transaction:' || transactions.transaction_id as interaction_id,
        items.line_no::varchar as source_line_id,
        items.sku,
        items.product_title,
        items.category,
        items.is_gift_card,
        -- some tills record a return with positive numbers
        if(transactions.is_return, -abs(items.quantity), items.quantity) as quantity,
        items.unit_price_amount,
        coalesce(items.line_amount, {{ line_total('items.quantity', 'items.unit_price_amount') }}) as amount,
        if(transactions.is_return, -abs(amount), amount) as line_amount,
        transactions.currency
    from transaction_items as items
    left join transactions on items.transaction_id = transactions.transaction_id
),

all_items as (
    select * from order_items
    union all
    select * exclude (amount) from store_items
)

select
    all_items.purchase_item_id,
    all_items.interaction_id,
    all_items.source_line_id,
    all_items.sku,
    all_items.product_title,
    all_items.category,
    coalesce(all_items.is_gift_card, false) or gift_card_categories.category is not null as is_gift_card,
    all_items.quantity,
    all_items.unit_price_amount,
    all_items.line_amount,
    all_items.currency
from all_items
left join gift_card_categories on lower(all_items.category) = gift_card_categories.category
