-- a table of its own, so that a changed name or address of a customer leaves the events as they are
select customer_id from {{ ref('stg_ecommerce__customers') }}
