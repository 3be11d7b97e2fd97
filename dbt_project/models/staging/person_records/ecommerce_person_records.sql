with customers as (
    select * from {{ ref('stg_ecommerce__customers') }}
),

orders as (
    select * from {{ ref('stg_ecommerce__orders') }}
),

customer_records as (
    select
        {{ person_record_id('ecommerce', 'customer', 'customer_id') }} as person_record_id,
        'customer' as source_record_type,
        customer_id as source_record_id,
        given_name,
        family_name,
        [email] as emails,
        [phone, address_phone] as phones,
        address_line,
        city,
        region,
        postcode,
        country,
        [customer_id] as shop_customer_ids,
        created_at,
        updated_at
    from customers
),

guest_order_records as (
    select
        {{ person_record_id('ecommerce', 'guest_order', 'order_id') }} as person_record_id,
        'guest_order' as source_record_type,
        order_id as source_record_id,
        given_name,
        family_name,
        [email] as emails,
        [phone, address_phone] as phones,
        address_line,
        city,
        region,
        postcode,
        country,
        []::varchar[] as shop_customer_ids,
        created_at,
        updated_at
    from orders
    where customer_id is null and not is_test
),

all_records as (
    select * from customer_records
    union all
    select * from guest_order_records
),

person_records as (
    select
        *,
        'ecommerce' as source_system
    from all_records
)

select * from person_records
