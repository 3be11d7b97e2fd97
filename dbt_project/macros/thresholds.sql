{# A threshold of a kind of moment, from seed moment_thresholds. #}
{% macro moment_threshold(moment_type, threshold) -%}
    (
        select thresholds.value
        from {{ ref('moment_thresholds') }} as thresholds
        where thresholds.moment_type = '{{ moment_type }}' and thresholds.threshold = '{{ threshold }}'
    )
{%- endmacro %}
