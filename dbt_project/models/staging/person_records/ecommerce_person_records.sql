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

known_names as (
    select
        lower(email) as email,
        list(distinct lower(given_name)) as given_names
    from customers
    where email is not null and given_name is not null
    group by lower(email)
),

-- without a bill, the delivery may be a gift: its name is the buyer's where the mailbox or the shop says so
guest_orders as (
    select
        orders.*,
        orders.has_billing_address or orders.email is null
        or coalesce(
            length(orders.given_name) >= 3
            and contains(split_part(lower(orders.email), '@', 1), strip_accents(lower(orders.given_name))),
            false
        )
        or coalesce(
            length(orders.family_name) >= 3
            and contains(split_part(lower(orders.email), '@', 1), strip_accents(lower(orders.family_name))),
            false
        )
        or coalesce(list_contains(known_names.given_names, lower(orders.given_name)), false) as is_addressed_to_buyer
    from orders
    left join known_names on lower(orders.email) = known_names.email
),

guest_order_records as (
    select
        {{ person_record_id('ecommerce', 'guest_order', 'order_id') }} as person_record_id,
        'guest_order' as source_record_type,
        order_id as source_record_id,
        if(is_addressed_to_buyer, given_name, null) as given_name,
        if(is_addressed_to_buyer, family_name, null) as family_name,
        [email] as emails,
        [phone, if(is_addressed_to_buyer, address_phone, null)] as phones,
        if(is_addressed_to_buyer, address_line, null) as address_line,
        if(is_addressed_to_buyer, city, null) as city,
        if(is_addressed_to_buyer, region, null) as region,
        if(is_addressed_to_buyer, postcode, null) as postcode,
        if(is_addressed_to_buyer, country, null) as country,
        []::varchar[] as shop_customer_ids,
        created_at,
        updated_at
    from guest_orders
    where customer_id is null and not is_test and {{ names_a_guest() }}
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
