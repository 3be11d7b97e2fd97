with refunds as (
    select * from {{ ref('ecommerce_refund_documents') }}
),

gift_cards as (
    select
        interaction_id,
        source_line_id
    from {{ ref('purchase_items') }}
    where is_gift_card
),

only_gift_cards as (
    select interaction_id
    from {{ ref('purchase_items') }}
    group by interaction_id
    having bool_and(is_gift_card)
),

-- a payment in a currency without a rate stays in that currency
paid_back as (
    select
        order_id,
        refund_id,
        bool_and(amount is not null) as is_converted,
        sum(amount) as amount,
        sum(paid_amount) filter (where amount is null) as foreign_amount,
        any_value(paid_currency) filter (where amount is null) as foreign_currency
    from {{ ref('ecommerce_refund_payments') }}
    group by order_id, refund_id
),

returned_lines as (
    select
        order_id,
        refund_id,
        unnest(json_extract(refund, '$.refund_line_items[*]')) as line
    from refunds
),

returned_gift_cards as (
    select
        returned_lines.order_id,
        returned_lines.refund_id,
        sum(try_cast(json_extract_string(returned_lines.line, '$.subtotal') as decimal(18, 2))) as amount
    from returned_lines
    inner join gift_cards
        on
            'ecommerce:order:' || returned_lines.order_id = gift_cards.interaction_id
            and json_extract_string(returned_lines.line, '$.line_item_id') = gift_cards.source_line_id
    group by returned_lines.order_id, returned_lines.refund_id
),

ecommerce_refunds as (
    select
        refunds.order_id,
        refunds.refund_id,
        coalesce(
            {{ time_until("json_extract_string(refunds.refund, '$.created_at')", 'refunds.updated_at') }},
            refunds.updated_at
        ) as refunded_at,
        paid_back.amount as paid_back_amount,
        case
            when only_gift_cards.interaction_id is not null then 0
            when not paid_back.is_converted then paid_back.foreign_amount
            else greatest(paid_back.amount - coalesce(returned_gift_cards.amount, 0), 0)
        end as refunded_amount,
        if(paid_back.is_converted, refunds.currency, paid_back.foreign_currency) as currency
    from refunds
    inner join paid_back on refunds.order_id = paid_back.order_id and refunds.refund_id = paid_back.refund_id
    left join returned_gift_cards
        on refunds.order_id = returned_gift_cards.order_id and refunds.refund_id = returned_gift_cards.refund_id
    left join only_gift_cards on 'ecommerce:order:' || refunds.order_id = only_gift_cards.interaction_id
)

select
    * replace (
        try_cast(paid_back_amount as decimal(18, 2)) as paid_back_amount,
        try_cast(refunded_amount as decimal(18, 2)) as refunded_amount
    )
from ecommerce_refunds
