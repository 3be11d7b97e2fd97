{#
  The newest delivered version of each key: by cursor, then by file name, load time and line, so that the result never
  depends on the order of reading. A stream without a cursor passes none: then what a connector has fetched counts after
  any other file, as of one that was delivered by hand before, whatever its name.
#}
{% macro newest_version(relation, key, cursor=none) -%}
    select *
    from {{ relation }}
    qualify row_number() over (
        partition by {% for column in key %}"{{ column }}"{{ ', ' if not loop.last }}{% endfor %}
        order by
            {% if cursor %}"{{ cursor }}" desc nulls last, {% else %}{{ is_fetched('_source_file') }} desc, {% endif -%}
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

{# Whether a file has the name of one that a connector has fetched from a database or an API: a time and a number. #}
{% macro is_fetched(file) -%}
    {{ file }} like '________T______.______Z-_____%'
{%- endmacro %}
