with orders as (
    select * from {{ ref('ecommerce_order_interactions') }}
    where source_record_type = 'order'
),

parcels as (
    select
        order_id,
        updated_at as received_at,
        unnest(
            from_json(
                fulfillments,
                '[{"id": "VARCHAR", "created_at": "VARCHAR", "updated_at": "VARCHAR", "status": "VARCHAR",
                "shipment_status": "VARCHAR"}]'
            )
        ) as parcel
    from {{ ref('stg_ecommerce__orders') }}
),

sent_parcels as (
    select
        {{ part_key('parcel', 'parcel') }} as parcel_id,
        order_id,
        -- the shop writes times with its own UTC offset
        {{ time_until("parcel['created_at']", 'received_at') }} as shipped_at,
        {{ time_until("parcel['updated_at']", 'received_at') }} as updated_at,
        parcel['shipment_status'] as shipment_status
    from parcels
    where coalesce(parcel['status'], 'success') = 'success'
),

states as (
    select
        'shipment' as source_record_type,
        parcel_id,
        order_id,
        shipped_at as occurred_at
    from sent_parcels
    union all
    select
        if(shipment_status = 'delivered', 'delivery', 'failed_delivery') as source_record_type,
        parcel_id,
        order_id,
        updated_at as occurred_at
    from sent_parcels
    where shipment_status in ('delivered', 'attempted_delivery', 'failure')
),

interactions as (
    select
        'ecommerce:' || states.source_record_type || ':' || states.parcel_id as interaction_id,
        'ecommerce' as source_system,
        states.source_record_type,
        states.parcel_id as source_record_id,
        orders.person_record_id,
        states.occurred_at,
        replace(orders.source_event, '.order.', '.' || states.source_record_type || '.') as source_event,
        if(states.source_record_type = 'delivery', epoch(states.occurred_at - orders.occurred_at) / 60, null)
            as duration_minutes
    from states
    inner join orders on states.order_id = orders.source_record_id
    where states.occurred_at is not null
)

select * from interactions
