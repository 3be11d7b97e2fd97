{%- set sources = ['crm', 'ecommerce', 'in_store', 'support'] -%}
with

streams as (
    select
        stream,
        received_at,
        loaded_at,
        list_filter({{ sources }}, lambda source: starts_with(stream, source || '_'))[1] as source_system
    from {{ ref('newest_receipts') }}
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
