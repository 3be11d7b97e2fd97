{%- set cursors = {
    'crm_accounts': 'SystemModstamp',
    'crm_campaign_members': 'SystemModstamp',
    'crm_contacts': 'SystemModstamp',
    'ecommerce_customers': 'updated_at',
    'ecommerce_events': 'receivedAt',
    'ecommerce_orders': 'updated_at',
    'in_store_loyalty_members': 'updated_at',
    'in_store_transactions': 'updated_at',
    'support_survey_responses': 'responded_at',
    'support_ticket_metrics': 'updated_at',
    'support_tickets': 'updated_at',
    'support_users': 'updated_at',
} -%}
with delivered as (
    {% for stream, cursor in cursors.items() -%}
        select
            '{{ stream }}' as stream,
            max("{{ cursor }}") as received_at,
            max(_loaded_at) as loaded_at
        from {{ source('landing', stream) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from delivered
where received_at is not null
