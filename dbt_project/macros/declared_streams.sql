{# Generated from cdp_orchestration/sources/ by `make generate`; do not edit. #}
{# The streams that have a cursor: table in landing, source, cursor. #}
{% macro stream_cursors() -%}
    {{ return([
    {
        "table": "crm_contacts",
        "source": "crm",
        "cursor": "SystemModstamp"
    },
    {
        "table": "crm_accounts",
        "source": "crm",
        "cursor": "SystemModstamp"
    },
    {
        "table": "crm_campaign_members",
        "source": "crm",
        "cursor": "SystemModstamp"
    },
    {
        "table": "ecommerce_customers",
        "source": "ecommerce",
        "cursor": "updated_at"
    },
    {
        "table": "ecommerce_orders",
        "source": "ecommerce",
        "cursor": "updated_at"
    },
    {
        "table": "ecommerce_events",
        "source": "ecommerce",
        "cursor": "receivedAt"
    },
    {
        "table": "in_store_loyalty_members",
        "source": "in_store",
        "cursor": "updated_at"
    },
    {
        "table": "in_store_transactions",
        "source": "in_store",
        "cursor": "updated_at"
    },
    {
        "table": "support_users",
        "source": "support",
        "cursor": "updated_at"
    },
    {
        "table": "support_tickets",
        "source": "support",
        "cursor": "updated_at"
    },
    {
        "table": "support_ticket_metrics",
        "source": "support",
        "cursor": "updated_at"
    },
    {
        "table": "support_survey_responses",
        "source": "support",
        "cursor": "responded_at"
    }
]) }}
{%- endmacro %}

{# Models of person records that this installation declares. #}
{% macro own_person_models() -%}
    {{ return([]) }}
{%- endmacro %}

{# Models of interactions that it declares. #}
{% macro own_interaction_models() -%}
    {{ return([]) }}
{%- endmacro %}

{# Consents that it declares. #}
{% macro own_consents() -%}
    {{ return([]) }}
{%- endmacro %}
