with order_values as (
    select * from {{ ref('order_values') }}
    where order_state <> 'test'
),

orders as (
    select
        stg_orders.*,
        order_values.order_amount,
        order_values.is_renewal,
        if(
            order_values.is_renewal, 'renewal', coalesce({{ event_word('stg_orders.source_name') }}, 'web')
        ) as source_word,
        case
            when stg_orders.customer_id is not null
                then {{ person_record_id('ecommerce', 'customer', 'stg_orders.customer_id') }}
            when {{ names_a_guest('stg_orders') }}
                then {{ person_record_id('ecommerce', 'guest_order', 'stg_orders.order_id') }}
        end as person_record_id,
        order_values.interaction_id as order_interaction_id
    from {{ ref('stg_ecommerce__orders') }} as stg_orders
    inner join order_values on 'ecommerce:order:' || stg_orders.order_id = order_values.interaction_id
),

placed as (
    select
        'order' as source_record_type,
        order_id as source_record_id,
        person_record_id,
        coalesce(ordered_at, updated_at) as occurred_at,
        'ecommerce.order.' || source_word as source_event,
        order_amount as amount,
        currency,
        order_interaction_id,
        is_renewal
    from orders
),

refunded as (
    select
        'refund' as source_record_type,
        orders.order_id || ':' || refunds.refund_id as source_record_id,
        orders.person_record_id,
        refunds.refunded_at as occurred_at,
        'ecommerce.refund.' || orders.source_word as source_event,
        -- an order that does not count has no money to give back
        if(orders.order_amount is null, null, -refunds.refunded_amount) as amount,
        refunds.currency,
        orders.order_interaction_id,
        orders.is_renewal
    from orders
    inner join {{ ref('ecommerce_refunds') }} as refunds on orders.order_id = refunds.order_id
),

cancelled as (
    select
        'cancellation' as source_record_type,
        order_id as source_record_id,
        person_record_id,
        cancelled_at as occurred_at,
        'ecommerce.cancellation.' || source_word as source_event,
        null as amount,
        currency,
        order_interaction_id,
        is_renewal
    from orders
    where cancelled_at is not null
),

all_events as (
    select * from placed
    union all
    select * from refunded
    union all
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
