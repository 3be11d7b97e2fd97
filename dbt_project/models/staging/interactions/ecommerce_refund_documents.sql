with orders as (
    select
        order_id,
        currency,
        updated_at,
        coalesce(ordered_at, updated_at) as ordered_at,
        {{ day_of('coalesce(ordered_at, updated_at)') }} as ordered_on,
        json_extract(refunds, '$[*]') as refunds
    from {{ ref('stg_ecommerce__orders') }}
),

listed as (
    select
        order_id,
        currency,
        updated_at,
        ordered_at,
        ordered_on,
        generate_subscripts(refunds, 1) as refund_no,
        unnest(refunds) as refund
    from orders
),

identified as (
    select
        *,
        -- a part of a key has no colon
        replace(
            coalesce(
                json_extract_string(refund, '$.id'),
                json_extract_string(refund, '$.created_at') || '.' || refund_no,
                refund_no::varchar
            ),
            ':',
            '.'
        ) as refund_id
    from listed
),

-- a refund that is listed twice was paid once
documents as (
    select * exclude (refund_no) from identified
    qualify row_number() over (partition by order_id, refund_id order by refund_no) = 1
)

select * from documents
