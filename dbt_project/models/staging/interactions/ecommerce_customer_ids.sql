-- a table of its own, so that a changed name or address of a customer leaves the events as they are
with customers as (
    select
        customer_id,
        lower(email) as email
    from {{ ref('stg_ecommerce__customers') }}
),

user_ids as (
    select
        customer_id as user_id,
        customer_id
    from customers
    union all by name
    -- some sites call their users by their mailbox; that of several customers is no one's
    select
        email as user_id,
        min(customer_id) as customer_id
    from customers
    where contains(email, '@')
    group by email
    having count(*) = 1
)

select * from user_ids
