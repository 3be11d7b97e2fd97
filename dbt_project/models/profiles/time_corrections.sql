{%- set times_inside = [('refunds', 'created_at'), ('fulfillments', 'created_at'), ('fulfillments', 'updated_at')] -%}
with orders as (
    select * from {{ ref('stg_ecommerce__orders') }}
),

counts as (
    select
        source as source_system,
        stream,
        field,
        rule,
        row_count
    from operations.corrected_times
    {%- for document, name in times_inside %}
        union all
        select
            'ecommerce' as source_system,
            'orders' as stream,
            '{{ document }}[*].{{ name }}' as field,
            'time_of_receipt' as rule,
            count(*) as row_count
        from orders
        where
            len(
                list_filter(
                    json_extract_string({{ document }}, '$[*].{{ name }}'),
                    lambda written: {{ is_after_receipt('written', 'updated_at') }}
                )
            ) > 0
    {%- endfor %}
    union all
    select
        'in_store' as source_system,
        'stores' as stream,
        'timezone' as field,
        'company_time_zone' as rule,
        count(*) as row_count
    from {{ ref('store_time_zones') }}
    where is_unknown
)

select * from counts
where row_count > 0
