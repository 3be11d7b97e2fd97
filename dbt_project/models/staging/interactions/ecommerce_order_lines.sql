with orders as (
    select
        order_id,
        currency,
        json_extract(line_items, '$[*]') as lines
    from {{ ref('stg_ecommerce__orders') }}
    where not is_test
),

order_lines as (
    select
        order_id,
        currency,
        generate_subscripts(lines, 1) as line_no,
        unnest(lines) as line
    from orders
),

typed_lines as (
    select
        order_id,
        currency,
        line_no,
        json_extract_string(line, '$.id') as source_line_id,
        json_extract_string(line, '$.sku') as sku,
        json_extract_string(line, '$.title') as title,
        json_extract_string(line, '$.product_type') as product_type,
        try_cast(json_extract_string(line, '$.gift_card') as boolean) as is_gift_card,
        -- what the order holds after it was edited
        try_cast(
            coalesce(json_extract_string(line, '$.current_quantity'), json_extract_string(line, '$.quantity'))
            as decimal(18, 4)
        ) as quantity,
        try_cast(json_extract_string(line, '$.price') as decimal(18, 4)) as price
    from order_lines
)

select * from typed_lines
