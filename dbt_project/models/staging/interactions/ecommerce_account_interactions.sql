with customers as (
    select * from {{ ref('stg_ecommerce__customers') }}
    where created_at is not null
),

interactions as (
    select
        'ecommerce:account_creation:' || customer_id as interaction_id,
        'ecommerce' as source_system,
        'account_creation' as source_record_type,
        customer_id as source_record_id,
        {{ person_record_id('ecommerce', 'customer', 'customer_id') }} as person_record_id,
        created_at as occurred_at,
        'ecommerce.account_creation' as source_event
    from customers
)

select * from interactions
