{# A score of a scale as 0 to 100; outside the scale it says nothing. #}
{% macro rescaled_score(column, lowest, highest) -%}
    case
        when {{ column }} between {{ lowest }} and {{ highest }}
            then ({{ column }} - {{ lowest }}) * 100.0::double / ({{ highest }} - {{ lowest }})
    end
{%- endmacro %}
