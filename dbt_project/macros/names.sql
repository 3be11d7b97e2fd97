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
