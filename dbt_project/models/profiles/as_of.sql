with received as (
    select * from {{ ref('newest_receipts') }}
),

newest as (
    select
        {% if var('as_of') -%}
            timestamp '{{ var("as_of") }}'
        {%- else -%}
            max(received_at)
        {%- endif %} as as_of_at,
        arg_max(stream, received_at) as found_in,
        max(loaded_at) as loaded_at
    from received
)

select
    *,
    {{ day_of('as_of_at') }} as as_of_on,
    '{{ company_time_zone() }}' as company_time_zone
from newest
