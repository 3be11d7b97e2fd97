with refunds as (
    select * from {{ ref('ecommerce_refund_documents') }}
),

transactions as (
    select
        order_id,
        refund_id,
        currency,
        ordered_on,
        generate_subscripts(json_extract(refund, '$.transactions[*]'), 1) as payment_no,
        unnest(json_extract(refund, '$.transactions[*]')) as paid
    from refunds
),

-- a shop that lists no payments says what it has paid back in all, below zero as WooCommerce does
totals as (
    select
        order_id,
        refund_id,
        1 as payment_no,
        currency,
        ordered_on,
        currency as paid_currency,
        abs(try_cast(json_extract_string(refund, '$.total') as decimal(18, 2))) as paid_amount,
        null::decimal(18, 2) as shop_amount
    from refunds
    where coalesce(json_array_length(refund, '$.transactions'), 0) = 0
),

-- what a gateway has not confirmed was not paid back
amounts as (
    select
        order_id,
        refund_id,
        payment_no,
        currency,
        ordered_on,
        coalesce(upper(json_extract_string(paid, '$.currency')), currency) as paid_currency,
        try_cast(json_extract_string(paid, '$.amount') as decimal(18, 2)) as paid_amount,
        if(
            coalesce(upper(json_extract_string(paid, '$.amount_set.shop_money.currency_code')) = currency, true),
            try_cast(json_extract_string(paid, '$.amount_set.shop_money.amount') as decimal(18, 2)),
            null
        ) as shop_amount
    from transactions
    where
        coalesce(lower(json_extract_string(paid, '$.kind')), 'refund') = 'refund'
        and coalesce(lower(json_extract_string(paid, '$.status')), 'success') = 'success'
    union all
    select * from totals
),

payments as (
    select
        amounts.order_id,
        amounts.refund_id,
        amounts.payment_no,
        amounts.paid_amount,
        amounts.paid_currency,
        coalesce(
            amounts.shop_amount,
            if(amounts.paid_currency = amounts.currency, amounts.paid_amount, null),
            if(amounts.paid_currency is null, amounts.paid_amount, null),
            try_cast(
                round(amounts.paid_amount / paid_rates.units_per_euro * order_rates.units_per_euro, 2)
                as decimal(18, 2)
            )
        ) as amount
    from amounts
    asof left join {{ ref('currency_rates') }} as paid_rates
        on amounts.paid_currency = paid_rates.currency and amounts.ordered_on >= paid_rates.valid_from
    asof left join {{ ref('currency_rates') }} as order_rates
        on amounts.currency = order_rates.currency and amounts.ordered_on >= order_rates.valid_from
    where amounts.paid_amount is not null
)

select * from payments
