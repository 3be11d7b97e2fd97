{# Whether a name field holds two people or a family: "Ann & Bob", "Ann und Bob Roe", "Mr and Mrs Roe", "Familie Roe". #}
{% macro names_several_people(column, kind) -%}
    (
        regexp_matches(lower({{ column }}), '\p{L}\.?\s*[&+]\s*\p{L}')
        or regexp_matches(lower({{ column }}), '\p{L}\.?\s+(and|und|et|og|och|oraz|plus|u\.)\s+\p{L}')
        or regexp_matches(
            lower({{ column }}), '(^|\s)(family|familie|famille|famiglia|familia|eheleute|ehepaar|household)(\s|$)'
        )
        -- y and e are part of family names as well: they join two people only right after the first given name
        or regexp_matches(
            lower({{ column }}), '^\p{L}+\s+(y|e|i|en)\s+\p{L}+' || if({{ kind }} = 'name', '', '\s+\p{L}')
        )
        or ({{ kind }} = 'name' and regexp_matches(lower({{ column }}), '\p{L}{3}\s*/\s*\p{L}{3}'))
    )
{%- endmacro %}

{# Whether a text in the place of a name is none by its form: one letter again and again, or the hash of a name. #}
{% macro is_no_name_by_form(column) -%}
    (
        {{ is_one_letter_again("replace(lower(" ~ column ~ "), ' ', '')") }}
        or (
            regexp_full_match(lower({{ column }}), '[0-9a-f]{12,}|[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}')
            and regexp_matches({{ column }}, '[0-9]')
        )
    )
{%- endmacro %}

{# A word for no one, or a number, that stands before and behind the sign of a mailbox: someone@someone.com, 123@123.com. #}
{% macro is_word_for_no_one_again(email_name, email_domain) -%}
    (
        {{ email_name }} = split_part({{ email_domain }}, '.', 1)
        and (
            regexp_full_match({{ email_name }}, '[0-9]+')
            or {{ email_name }} in (
                select words.value from {{ ref('placeholder_values') }} as words
                where words.kind in ('name', 'whole_name', 'identifier', 'email_name')
            )
        )
    )
{%- endmacro %}
