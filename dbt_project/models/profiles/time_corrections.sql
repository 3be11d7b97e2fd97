{%- set consents = ['email_marketing_consent', 'sms_marketing_consent'] -%}
{%- set times_inside = [('refunds', 'created_at'), ('fulfillments', 'created_at'), ('fulfillments', 'updated_at')] -%}
with

rules as (
    {% for each in declared_streams() | selectattr('has_times') -%}
        {%- set landed = source('landing', each.source ~ '_' ~ each.name) -%}
        select
            '{{ each.source }}' as source_system,
            '{{ each.name }}' as stream,
            unnest(json_keys(_corrected_times)) as field,
            unnest(json_extract_string(_corrected_times, '$.*')) as rule
        from ({{ newest_of_keys(landed, each.key, each.cursor, '_corrected_times is not null') }})
        union all
    {% endfor -%}
    {% for consent in consents -%}
        {%- set is_late = is_after_receipt(json_text(consent, '$.consent_updated_at'), 'updated_at') -%}
        select
            'ecommerce' as source_system,
            'customers' as stream,
            '{{ consent }}.consent_updated_at' as field,
            'time_of_receipt' as rule
        from ({{ newest_of_keys(source('landing', 'ecommerce_customers'), ['id'], 'updated_at', is_late) }})
        where {{ is_late }}
        union all
    {% endfor -%}
    {% for document, name in times_inside -%}
        select
            'ecommerce' as source_system,
            'orders' as stream,
            '{{ document }}[*].{{ name }}' as field,
            'time_of_receipt' as rule
        from {{ ref('stg_ecommerce__orders') }}
        where
            len(
                list_filter(
                    json_extract_string({{ document }}, '$[*].{{ name }}'),
                    lambda written: {{ is_after_receipt('written', 'updated_at') }}
                )
            ) > 0
        union all
    {% endfor -%}
    select
        'in_store' as source_system,
        'stores' as stream,
        'timezone' as field,
        'company_time_zone' as rule
    from {{ ref('store_time_zones') }}
    where is_unknown
)

select
    source_system,
    stream,
    field,
    rule,
    count(*) as row_count
from rules
group by source_system, stream, field, rule
