with orders as (
    select
        *,
        list_transform(string_split(lower(coalesce(tags, '')), ','), lambda tag: trim(tag)) as tag_list,
        list_transform(tag_list, lambda tag: ' ' || {{ words_alone('tag') }} || ' ') as tag_phrases
    from {{ ref('stg_ecommerce__orders') }}
),

order_states as (
    select * from {{ ref('order_states') }}
),

renewal_marks as (
    select
        list(value) filter (where field = 'source_name') as source_names,
        list(value) filter (where field = 'tag') as tags,
        list(' ' || value || ' ') filter (where field = 'tag_word') as tag_words,
        list(' ' || value || ' ') filter (where field = 'tag_word_of_else') as words_of_else
    from {{ ref('renewal_marks') }}
),

gift_cards as (
    select
        interaction_id,
        sum(line_amount) as amount
    from {{ ref('purchase_items') }}
    where is_gift_card
    group by interaction_id
),

paid_back as (
    select
        order_id,
        sum(paid_back_amount) as amount
    from {{ ref('ecommerce_refunds') }}
    group by order_id
),

shop_orders as (
    select
        'ecommerce:order:' || orders.order_id as interaction_id,
        case
            when orders.is_test then 'test'
            when orders.cancelled_at is not null then 'cancelled'
            else coalesce(order_states.order_state, 'counted')
        end as order_state,
        {{ is_renewal('orders', 'renewal_marks') }} as is_renewal,
        coalesce(orders.ordered_at, orders.updated_at) as ordered_at,
        {{ day_of('coalesce(orders.ordered_at, orders.updated_at)') }} as ordered_on,
        orders.currency,
        orders.total_amount as delivered_amount,
        -- the present total lacks what was paid back, which is subtracted as a refund
        case
            when orders.current_total_amount >= orders.total_amount then orders.current_total_amount
            else
                least(orders.total_amount, orders.current_total_amount + coalesce(paid_back.amount, 0))
        end as edited_amount,
        coalesce(gift_cards.amount, 0) as gift_card_amount
    from orders
    cross join renewal_marks
    left join order_states on lower(orders.financial_status) = order_states.source_state
    left join paid_back on orders.order_id = paid_back.order_id
    left join gift_cards on 'ecommerce:order:' || orders.order_id = gift_cards.interaction_id
),

receipts as (
    select
        'in_store:transaction:' || transactions.transaction_id as interaction_id,
        coalesce(order_states.order_state, 'counted') as order_state,
        false as is_renewal,
        coalesce(transactions.sold_at, transactions.updated_at) as ordered_at,
        days.sold_on as ordered_on,
        transactions.currency,
        if(transactions.is_return, -abs(transactions.total_amount), transactions.total_amount) as delivered_amount,
        null as edited_amount,
        coalesce(gift_cards.amount, 0) as gift_card_amount
    from {{ ref('stg_in_store__transactions') }} as transactions
    left join {{ ref('receipt_days') }} as days on transactions.transaction_id = days.transaction_id
    left join order_states on lower(transactions.receipt_state) = order_states.source_state
    left join gift_cards on 'in_store:transaction:' || transactions.transaction_id = gift_cards.interaction_id
),

all_orders as (
    select * from shop_orders
    union all
    select * from receipts
    {{ own_order_values() }}
)

select
    *,
    -- what is bought with a gift card counts, so that the card itself does not
    case
        when order_state <> 'counted' then null
        when gift_card_amount = 0 then coalesce(edited_amount, delivered_amount)
        when delivered_amount < 0 then least(delivered_amount - gift_card_amount, 0)
        else greatest(coalesce(edited_amount, delivered_amount) - gift_card_amount, 0)
    end::decimal(18, 2) as order_amount
from all_orders
