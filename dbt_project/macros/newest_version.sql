{#
  The newest delivered version of each key: by cursor, then by file name, load time and line, so that the result never
  depends on the order of reading. A stream without a cursor passes none.
#}
{% macro newest_version(relation, key, cursor=none) -%}
    select *
    from {{ relation }}
    qualify row_number() over (
        partition by {% for column in key %}"{{ column }}"{{ ', ' if not loop.last }}{% endfor %}
        order by
            {% if cursor %}"{{ cursor }}" desc nulls last, {% endif -%}
            _source_file desc, _loaded_at desc, _source_line desc
    ) = 1
{%- endmacro %}

{#
  The newest versions of those keys alone of which some version meets a condition: where few rows do, the others are not
  sorted.
#}
{% macro newest_of_keys(relation, key, cursor, condition) -%}
    {%- set columns = '("' ~ key | join('", "') ~ '")' -%}
    {{ newest_version(
        '(select * from ' ~ relation ~ ' where ' ~ columns ~ ' in (select ' ~ columns ~ ' from ' ~ relation ~ ' where '
        ~ condition ~ '))',
        key,
        cursor
    ) }}
{%- endmacro %}
