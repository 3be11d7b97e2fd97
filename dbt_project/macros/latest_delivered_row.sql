{#
  The latest delivered row of each key, for tests that compare tables with the deliveries. It is written in another way
  than newest_version, which staging uses, so that one mistake cannot hide in both.
#}
{% macro latest_delivered_row(stream, key, cursor) -%}
    select
        unnest(
            max_by(landed, row(landed."{{ cursor }}", landed._source_file, landed._loaded_at, landed._source_line))
        )
    from {{ source('landing', stream) }} as landed
    group by landed."{{ key }}"
{%- endmacro %}
