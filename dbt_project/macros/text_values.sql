{# Text without outer blanks; null if nothing is left. #}
{% macro filled(column) -%}
    nullif(trim({{ column }}), '')
{%- endmacro %}

{# Filled text with each run of inner blanks (tabs, line breaks, no-break spaces) as one space. #}
{% macro collapsed(column) -%}
    nullif(trim(regexp_replace({{ column }}, '[\s\p{Z}]+', ' ', 'g')), '')
{%- endmacro %}

{# One part of a taxonomy key: lower case, each run of other characters than letters and digits as one underscore. #}
{% macro event_word(column) -%}
    nullif(trim(regexp_replace(lower(nfc_normalize({{ column }})), '[^\p{L}\p{N}\p{M}]+', '_', 'g'), '_'), '')
{%- endmacro %}

{# One field of a JSON document as filled text. #}
{% macro json_text(column, path) -%}
    nullif(trim(json_extract_string({{ column }}, '{{ path }}')), '')
{%- endmacro %}

{# The domain of a website address: without scheme, www, port and path. #}
{% macro website_domain(column) -%}
    nullif(regexp_extract(lower(trim({{ column }})), '^(?:[a-z]+://)?(?:www\.)?([^/:?#\s]+\.[^/:?#\s]+)', 1), '')
{%- endmacro %}
