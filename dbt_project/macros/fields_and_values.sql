{# A column for each field of a table of fields and values: the one value of the field. #}
{% macro pivoted_values(fields) -%}
    {% for field in fields -%}
        max(standard_value) filter (where field = '{{ field }}') as {{ field }}{{ ', ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# A column for each field that has several values: their sorted list, named in the plural. #}
{% macro pivoted_lists(fields) -%}
    {% for field in fields -%}
        list_sort(list(distinct standard_value) filter (where field = '{{ field }}')) as {{ field }}s{{ ', ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# The other way: a row for each value of the lists, which are named in the plural of their fields. #}
{% macro unpivoted_lists(relation, fields) -%}
    {% for field in fields -%}
        select person_record_id, '{{ field }}' as field, unnest({{ field }}s) as raw_value
        from {{ relation }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
{%- endmacro %}
