{#
  Columns of the latest delivered row of each key, for tests that compare tables with the deliveries. It is written in
  another way than newest_version, which staging uses, so that one mistake cannot hide in both. A column that is not
  named is not read: the documents of an order are most of its bytes.
#}
{% macro latest_delivered_row(stream, key, cursor, columns) -%}
    select *
    from (
        select
            unnest(
                max_by(
                    struct_pack(
                        {% for column in columns -%}
                            "{{ column }}" := landed."{{ column }}",
                        {% endfor -%}
                        _is_gone := coalesce({{ is_marked_as_deleted('landed._extra') }}, false)
                    ),
                    row(landed."{{ cursor }}", landed._source_file, landed._loaded_at, landed._source_line)
                )
            )
        from {{ source('landing', stream) }} as landed
        group by landed."{{ key }}"
    ) as latest_of_all
    where not _is_gone
{%- endmacro %}
