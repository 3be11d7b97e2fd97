{# Generated from profiles in models/profiles/_profiles__models.yml by `make generate`; do not edit. #}
{# The attributes of which a profile has one golden value. #}
{% macro golden_attributes() -%}
    {{ return([
        'full_name',
        'given_name',
        'family_name',
        'date_of_birth',
        'email',
        'phone',
        'address_line',
        'city',
        'region',
        'postcode',
        'country_code',
        'preferred_language',
        'account_id',
    ]) }}
{%- endmacro %}

{# The columns whose change begins a new version of a profile. #}
{% macro history_columns() -%}
    {{ return([
        'full_name',
        'given_name',
        'family_name',
        'date_of_birth',
        'email',
        'phone',
        'address_line',
        'city',
        'region',
        'postcode',
        'country_code',
        'preferred_language',
        'account_id',
        'household_id',
        'email_consent',
        'phone_consent',
        'sms_consent',
        'call_consent',
    ]) }}
{%- endmacro %}

{# The traits of Segment's Profiles Sync, with their columns of profiles. #}
{% macro segment_traits() -%}
    {{ return({
        'name': 'full_name',
        'first_name': 'given_name',
        'last_name': 'family_name',
        'email': 'email',
        'phone': 'phone',
        'birthday': 'date_of_birth',
        'address_street': 'address_line',
        'address_city': 'city',
        'address_state': 'region',
        'address_postal_code': 'postcode',
        'address_country': 'country_code',
        'language': 'preferred_language',
        'company_id': 'account_id',
        'email_consent': 'email_consent',
        'phone_consent': 'phone_consent',
        'sms_consent': 'sms_consent',
        'call_consent': 'call_consent',
        'created_at': 'created_at',
        'updated_at': 'updated_at',
    }) }}
{%- endmacro %}
