{# The key of a person record in all tables: source system, record type and the source's own id. #}
{% macro person_record_id(source_system, source_record_type, column) -%}
    '{{ source_system }}:{{ source_record_type }}:' || {{ column }}
{%- endmacro %}

{#
  Whether a text that stands in the place of an id is none by its form: noughts alone, also as a UUID; no letter or
  digit; what a program leaves in brackets, such as [object Object] or a field of a template that was not filled.
#}
{% macro is_no_identifier(column) -%}
    (
        regexp_full_match({{ column }}, '[0-]+|[fF-]{32,36}')
        or not regexp_matches({{ column }}, '[\p{L}\p{N}]')
        or regexp_full_match({{ column }}, '\[.*\]|\$?\{.*\}|\(.*\)|<.*>|%.*%')
    )
{%- endmacro %}

{# An identifier as it is compared with words that stand for none: not_logged_in, "not logged in", __guest__. #}
{% macro identifier_word(column) -%}
    trim(translate(lower({{ column }}), ' -.', '___'), '_')
{%- endmacro %}

{# Identifiers of a type that an installation declares are one list, each written as <type>:<value>. #}
{% macro identifier_type(kind, value) -%}
    if({{ kind }} = 'other_identifier', split_part({{ value }}, ':', 1), {{ kind }})
{%- endmacro %}

{# The value of an identifier without its declared type. #}
{% macro identifier_value(kind, value) -%}
    if({{ kind }} = 'other_identifier', substr({{ value }}, strpos({{ value }}, ':') + 1), {{ value }})
{%- endmacro %}

{# The identifiers of declared types; a record to which others refer by its id offers this id. #}
{% macro offered_identifiers() -%}
    list_concat(
        coalesce(other_identifiers, []::varchar[])
        {%- for record_type in referred_record_types() -%}
            , if(
                source_system || '.' || source_record_type = '{{ record_type }}',
                ['{{ record_type }}:' || source_record_id], []::varchar[]
            )
        {%- endfor %}
    )
{%- endmacro %}

{# A loyalty number without the spaces and hyphens of a printed card. #}
{% macro loyalty_number(column) -%}
    nullif(upper(regexp_replace({{ column }}, '[\s-]+', '', 'g')), '')
{%- endmacro %}

{# The distinct non-null values of a group, sorted. #}
{% macro distinct_values(column) -%}
    list_sort(list(distinct {{ column }}) filter (where {{ column }} is not null))
{%- endmacro %}

{#
  One row per person record and identifier that several profiles use or that identity suppresses as shared. Through
  these, other records can change a profile's rows.
#}
{% macro common_identifiers(person_records, profile_records, shared_identifiers) -%}
    with

    identifiers as (
        select
            profile_records.profile_id,
            person_records.person_record_id,
            unnest(
                list_concat(
                    person_records.emails, person_records.phones, person_records.loyalty_numbers,
                    person_records.shop_customer_ids, person_records.card_fingerprints, person_records.other_identifiers
                )
            ) as identifier_value
        from {{ person_records }} as person_records
        inner join {{ profile_records }} as profile_records
            on person_records.person_record_id = profile_records.person_record_id
    ),

    common_values as (
        select
            identifiers.identifier_value,
            count(distinct identifiers.profile_id) as profile_count,
            {{ distinct_values('shared.identifier_type') }} as shared_types
        from identifiers
        left join {{ shared_identifiers }} as shared on identifiers.identifier_value = shared.identifier_value
        group by identifiers.identifier_value
        having profile_count > 1 or shared_types is not null
    )

    select
        identifiers.person_record_id,
        common_values.*
    from identifiers
    inner join common_values on identifiers.identifier_value = common_values.identifier_value
{%- endmacro %}
