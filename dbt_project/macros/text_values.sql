{# Text without blanks around it; nothing but blanks is no value. #}
{% macro filled(column) -%}
    nullif(trim({{ column }}), '')
{%- endmacro %}

{# Text with its inner blanks (tabs, line breaks, no-break spaces) collapsed to one space each. #}
{% macro collapsed(column) -%}
    nullif(trim(regexp_replace({{ column }}, '[\s\p{Z}]+', ' ', 'g')), '')
{%- endmacro %}

{# A word of a key of the taxonomy: lower case, everything but letters and digits as one underscore. #}
{% macro event_word(column) -%}
    nullif(trim(regexp_replace(lower({{ column }}), '[^a-z0-9]+', '_', 'g'), '_'), '')
{%- endmacro %}

{# One field of a JSON document as filled text. #}
{% macro json_text(column, path) -%}
    nullif(trim(json_extract_string({{ column }}, '{{ path }}')), '')
{%- endmacro %}

{# The domain of a site's address: without scheme, www, port and path. #}
{% macro website_domain(column) -%}
    nullif(regexp_extract(lower(trim({{ column }})), '^(?:[a-z]+://)?(?:www\.)?([^/:?#\s]+\.[^/:?#\s]+)', 1), '')
{%- endmacro %}
