with streams as (
    select * from {{ ref('newest_receipts') }}
),

receipts as (
    select
        source_system,
        max(received_at) as received_at,
        arg_max(stream, received_at) as found_in,
        max(loaded_at) as loaded_at
    from streams
    group by source_system
)

select * from receipts
