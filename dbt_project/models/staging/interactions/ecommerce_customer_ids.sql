-- a table of its own, so that a changed name or address of a customer leaves the events as they are
with customers as (
    select * from {{ ref('stg_ecommerce__customers') }}
),

called as (
    select
        if(contains(customer_id, '@'), lower(customer_id), customer_id) as user_id,
        customer_id,
        true as is_id
    from customers
    union all
    -- some sites call their users by their mailbox
    select
        lower(email) as user_id,
        customer_id,
        false as is_id
    from customers
    where contains(email, '@')
),

-- what calls several customers calls none of them, and an id goes before a mailbox
user_ids as (
    select
        user_id,
        coalesce(min(customer_id) filter (where is_id), min(customer_id)) as customer_id
    from called
    group by user_id
    having if(bool_or(is_id), count(*) filter (where is_id), count(*)) = 1
)

select * from user_ids
