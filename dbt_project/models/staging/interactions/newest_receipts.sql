with delivered as (
    {% for each in declared_streams() | selectattr('receipt') -%}
        {%- set table = each.source ~ '_' ~ each.name -%}
        select
            '{{ table }}' as stream,
            '{{ each.source }}' as source_system,
            max("{{ each.receipt }}") as received_at,
            max(_loaded_at) as loaded_at
        from {{ source('landing', table) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from delivered
where received_at is not null
