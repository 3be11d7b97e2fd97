{# The receipts of the stores; number and card are null where strangers share them, and so say nothing of who bought. #}
{% macro receipts_with_own_identifiers() -%}
    select
        receipts.* replace (
            if(numbers.identifier_value is null, receipts.loyalty_number, null) as loyalty_number,
            if(cards.identifier_value is null, receipts.card_fingerprint, null) as card_fingerprint
        )
    from {{ ref('stg_in_store__transactions') }} as receipts
    left join {{ ref('shared_store_identifiers') }} as numbers
        on numbers.identifier_type = 'loyalty_number' and receipts.loyalty_number = numbers.identifier_value
    left join {{ ref('shared_store_identifiers') }} as cards
        on cards.identifier_type = 'card_fingerprint' and receipts.card_fingerprint = cards.identifier_value
{%- endmacro %}
