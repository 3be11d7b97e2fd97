with orders as (
    select
        *,
        coalesce({{ event_word('source_name') }}, 'web') as source_word,
        if(
            customer_id is null,
            {{ person_record_id('ecommerce', 'guest_order', 'order_id') }},
            {{ person_record_id('ecommerce', 'customer', 'customer_id') }}
        ) as person_record_id
    from {{ ref('stg_ecommerce__orders') }}
),

placed as (
    select
        'order' as source_record_type,
        order_id as source_record_id,
        person_record_id,
        coalesce(ordered_at, updated_at) as occurred_at,
        'ecommerce.order.' || source_word as source_event,
        total_amount as amount,
        currency
    from orders
),

order_refunds as (
    select
        order_id,
        person_record_id,
        source_word,
        currency,
        updated_at,
        unnest(
            from_json(
                refunds,
                '[{"id": "VARCHAR", "created_at": "VARCHAR", "transactions": [{"amount": "DECIMAL(18, 2)"}]}]'
            )
        ) as refund
    from orders
),

refunded as (
    select
        'refund' as source_record_type,
        {{ part_key('refund', 'refund') }} as source_record_id,
        person_record_id,
        -- the shop writes times with its own UTC offset
        coalesce({{ time_until("refund['created_at']", 'updated_at') }}, updated_at) as occurred_at,
        'ecommerce.refund.' || source_word as source_event,
        -coalesce(list_sum(list_transform(refund['transactions'], x -> x['amount'])), 0)::decimal(18, 2) as amount,
        currency,
        order_id
    from order_refunds
),

refund_totals as (
    select
        order_id,
        sum(amount) as amount
    from refunded
    group by order_id
),

cancelled as (
    select
        'cancellation' as source_record_type,
        orders.order_id as source_record_id,
        orders.person_record_id,
        orders.cancelled_at as occurred_at,
        'ecommerce.cancellation.' || orders.source_word as source_event,
        -- an amount that was refunded before must not be subtracted twice
        least(-(orders.total_amount + coalesce(refund_totals.amount, 0)), 0)::decimal(18, 2) as amount,
        orders.currency
    from orders
    left join refund_totals on orders.order_id = refund_totals.order_id
    where orders.cancelled_at is not null
),

all_events as (
    select * from placed
    union all by name
    select * exclude (order_id) from refunded
    union all by name
    select * from cancelled
),

interactions as (
    select
        *,
        'ecommerce:' || source_record_type || ':' || source_record_id as interaction_id,
        'ecommerce' as source_system
    from all_events
)

select * from interactions
