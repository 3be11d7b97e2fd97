{#
  The newest delivered version of each key: by cursor, then by file name, load time and line, so that the result never
  depends on the order of reading. A stream without a cursor passes none: then what a connector has fetched counts after
  any other file, as of one that was delivered by hand before, whatever its name. A key whose newest version a connector
  has marked as deleted has no row.
#}
{% macro newest_version(relation, key, cursor=none) -%}
    select *
    from (
        select *
        from {{ relation }}
        qualify row_number() over (
            partition by {% for column in key %}"{{ column }}"{{ ', ' if not loop.last }}{% endfor %}
            order by
                {% if cursor %}"{{ cursor }}" desc nulls last,
                {% else %}{{ is_fetched('_source_file') }} desc,
                {% endif -%}
                _source_file desc, _loaded_at desc, _source_line desc
        ) = 1
    ) as newest
    where _extra is null or not {{ is_marked_as_deleted('_extra') }}
{%- endmacro %}

{#
  Whether the undeclared columns of a row say that its source has deleted it. Fivetran, Debezium, Hevo and PeerDB write
  a flag, Airbyte and Singer's taps a time, AWS DMS the letter of the operation, each under a name of its own. Only a
  column of the row counts: a document in one of them may have a member of such a name. The pattern spares most rows the
  rest.
#}
{% macro is_marked_as_deleted(extra) -%}
    {%- set flags = ['_fivetran_deleted', '__deleted', '__hevo__marked_deleted', '_peerdb_is_deleted'] -%}
    {%- set times = ['_ab_cdc_deleted_at', '_sdc_deleted_at', '_sdc_lsn_deleted_at'] -%}
    case
        when
            regexp_matches(
                {{ extra }},
                '(?i:"({{ flags | join("|") }}|'
                || '{{ times | join("|") }})":)|"Op":'
            )
            then coalesce(
                {% for name in flags -%}
                    {{ top_member(extra, name) }} in ('true', 't', 'yes', 'y', '1')
                    or {% endfor -%}
                {% for name in times -%}
                    regexp_matches({{ top_member(extra, name) }}, '^[0-9]')
                    or {% endfor -%}
                json_extract_string({{ extra }}, '$.Op') = 'D',
                false
            )
        else false
    end
{%- endmacro %}

{# The value of a column that is not declared, in small letters; some databases write all names large. #}
{% macro top_member(extra, name) -%}
    lower(coalesce(
        json_extract_string({{ extra }}, '$.{{ name }}'),
        json_extract_string({{ extra }}, '$.{{ name | upper }}')
    ))
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
