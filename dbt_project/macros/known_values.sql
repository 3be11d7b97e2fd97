{# Generated from expectations/known_values.py by `make generate`; do not edit. #}
{# The values that a column of words can have, by the name of their list. #}
{% macro known_values(name) -%}
    {{ return({
        'channels': [
            'web',
            'mobile_app',
            'store',
            'email',
            'phone',
            'chat',
            'social',
            'paid_media',
            'direct_mail',
        ],
        'stages': [
            'awareness',
            'research',
            'purchase',
            'delivery',
            'service',
            'repurchase',
            'advocacy',
        ],
        'edge_reasons': [
            'exact_duplicate',
            'same_loyalty_number',
            'same_shop_customer_id',
            'same_card_fingerprint',
            'probabilistic_match',
            'joined_clusters',
            'must_link',
        ],
        'link_reasons': [
            'only_record',
            'exact_duplicate',
            'same_loyalty_number',
            'same_shop_customer_id',
            'same_card_fingerprint',
            'probabilistic_match',
            'joined_clusters',
            'must_link',
        ],
        'non_link_reasons': [
            'cannot_link',
            'conflicting_evidence',
            'fits_two_people',
            'too_many_loyalty_numbers',
            'too_many_shop_customer_ids',
            'too_many_emails',
            'too_many_phones',
            'too_many_birth_dates',
            'too_many_records',
        ],
        'suppression_reasons': [
            'too_many_names',
            'blocklisted',
            'several_names',
            'several_loyalty_numbers',
        ],
        'event_types': [
            'created',
            'merged',
            'split',
            'retired',
        ],
        'source_systems': [
            'crm',
            'ecommerce',
            'in_store',
            'support',
        ],
    }[name]) }}
{%- endmacro %}
