with delivered as (
    {% for each in stream_cursors() -%}
        select
            '{{ each.table }}' as stream,
            '{{ each.source }}' as source_system,
            max("{{ each.cursor }}") as received_at,
            max(_loaded_at) as loaded_at
        from {{ source('landing', each.table) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from delivered
where received_at is not null
