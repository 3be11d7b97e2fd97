{# State of an opt-out field: an opt-out is a refusal; its absence takes one back but consents to nothing. #}
{% macro refusal(column) -%}
    case {{ column }} when true then 'refused' when false then 'unknown' end
{%- endmacro %}

{# State of a yes-no field; null where the delivery does not say, which leaves the former answer. #}
{% macro answer(column) -%}
    case {{ column }} when true then 'granted' when false then 'refused' end
{%- endmacro %}

{# State of a Shopify marketing consent; every other Shopify state (not_subscribed, pending, ...) is unknown. #}
{% macro shop_consent(column) -%}
    case lower({{ json_text(column, '$.state') }})
        when 'subscribed' then 'granted'
        when 'unsubscribed' then 'refused'
        when 'redacted' then 'refused'
        else if({{ json_text(column, '$.state') }} is null, null, 'unknown')
    end
{%- endmacro %}

{#
  How a shop customer stated a consent, by seed consent_evidence. Without the time of the confirmation it is not known
  whether a refusal came before or after it, so that it counts as not confirmed.
#}
{% macro shop_evidence(column) -%}
    case
        when lower({{ json_text(column, '$.state') }}) in ('unsubscribed', 'redacted') then 'opt_out'
        when lower({{ json_text(column, '$.state') }}) = 'pending' then 'pending_opt_in'
        when lower({{ json_text(column, '$.state') }}) <> 'subscribed' then 'not_asked'
        when
            lower({{ json_text(column, '$.opt_in_level') }}) = 'confirmed_opt_in'
            and {{ consent_time(column) }} is not null
            then 'confirmed_opt_in'
        else 'single_opt_in'
    end
{%- endmacro %}

{# One row per delivered version of a stream's record: the consent that one field states, and the record's contacts. #}
{% macro delivered_consent(relation, source_field, record_id, cursor, contacts, state, evidence, stated_at='null::timestamp') -%}
    select
        '{{ source_field.split('.')[:2] | join(':') }}:' || {{ record_id }} as person_record_id,
        '{{ source_field }}' as source_field,
        {{ state }} as state,
        {{ evidence }} as evidence,
        {{ stated_at }} as own_stated_at,
        {{ separate_emails(contacts.emails) }} as emails,
        {{ separate_phones(contacts.phones) }} as phones,
        {{ contacts.country }} as country,
        {{ cursor }} as delivered_at,
        _source_file,
        _loaded_at,
        _source_line
    from {{ relation }}
{%- endmacro %}

{# When a shop customer gave or withdrew a marketing consent, UTC. #}
{% macro consent_time(column) -%}
    {{ time_until(json_text(column, '$.consent_updated_at'), 'updated_at') }}
{%- endmacro %}

{# The type of identifier at which a channel reaches somebody; a channel without one has no address here. #}
{% macro is_reached_by(channel, identifier_type) -%}
    case {{ channel }}
        when 'email' then {{ identifier_type }} = 'email'
        when 'sms' then {{ identifier_type }} = 'phone'
        when 'call' then {{ identifier_type }} = 'phone'
        when 'ads' then {{ identifier_type }} in ('email', 'phone')
        else false
    end
{%- endmacro %}
