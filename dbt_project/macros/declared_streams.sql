{# Generated from cdp_orchestration/sources/ by `make generate`; do not edit. #}
{# The streams: key, cursor, the time by which their newest receipt is known, whether any field is a time. #}
{% macro declared_streams() -%}
    {{ return([
        {"source": "crm", "name": "contacts", "key": ["Id"], "cursor": "SystemModstamp", "receipt": "SystemModstamp", "has_times": true},
        {"source": "crm", "name": "accounts", "key": ["Id"], "cursor": "SystemModstamp", "receipt": "SystemModstamp", "has_times": true},
        {"source": "crm", "name": "campaign_members", "key": ["Id"], "cursor": "SystemModstamp", "receipt": "SystemModstamp", "has_times": true},
        {"source": "ecommerce", "name": "customers", "key": ["id"], "cursor": "updated_at", "receipt": "updated_at", "has_times": true},
        {"source": "ecommerce", "name": "orders", "key": ["id"], "cursor": "updated_at", "receipt": "updated_at", "has_times": true},
        {"source": "ecommerce", "name": "events", "key": ["messageId"], "cursor": "receivedAt", "receipt": "receivedAt", "has_times": true},
        {"source": "in_store", "name": "stores", "key": ["store_id"], "cursor": "", "receipt": "", "has_times": false},
        {"source": "in_store", "name": "loyalty_members", "key": ["member_id"], "cursor": "updated_at", "receipt": "updated_at", "has_times": true},
        {"source": "in_store", "name": "transactions", "key": ["transaction_id"], "cursor": "updated_at", "receipt": "updated_at", "has_times": true},
        {"source": "in_store", "name": "transaction_items", "key": ["transaction_id", "line_no"], "cursor": "", "receipt": "", "has_times": false},
        {"source": "support", "name": "users", "key": ["id"], "cursor": "updated_at", "receipt": "updated_at", "has_times": true},
        {"source": "support", "name": "tickets", "key": ["id"], "cursor": "updated_at", "receipt": "updated_at", "has_times": true},
        {"source": "support", "name": "ticket_metrics", "key": ["ticket_id"], "cursor": "updated_at", "receipt": "updated_at", "has_times": true},
        {"source": "support", "name": "survey_responses", "key": ["response_id"], "cursor": "responded_at", "receipt": "responded_at", "has_times": true}
    ]) }}
{%- endmacro %}

{# Models of an installation's own person records. #}
{% macro own_person_models() -%}
    {{ return([]) }}
{%- endmacro %}

{# Models of its own interactions. #}
{% macro own_interaction_models() -%}
    {{ return([]) }}
{%- endmacro %}

{# Those of them that move money. #}
{% macro own_amount_models() -%}
    {{ return([]) }}
{%- endmacro %}

{# Those of them in which customers wrote. #}
{% macro own_text_models() -%}
    {{ return([]) }}
{%- endmacro %}

{# Those in which a score stands beside it. #}
{% macro own_rated_text_models() -%}
    {{ return([]) }}
{%- endmacro %}

{# Person records whose ids other records name. #}
{% macro referred_record_types() -%}
    {{ return([]) }}
{%- endmacro %}

{# Statements of consent in its own streams. #}
{% macro own_consents() -%}
    {{ return([]) }}
{%- endmacro %}
