{#
  What the deliveries told last of each key, for tests that hold tables against the deliveries: in other words than
  newest_version, with which staging picks, so that one mistake is not in both.
#}
{% macro last_told(stream, key, cursor) -%}
    select
        unnest(
            max_by(landed, row(landed."{{ cursor }}", landed._source_file, landed._loaded_at, landed._source_line))
        )
    from {{ source('landing', stream) }} as landed
    group by landed."{{ key }}"
{%- endmacro %}
