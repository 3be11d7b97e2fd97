{# A score rescaled to 0 to 100; null outside its scale. #}
{% macro rescaled_score(column, lowest, highest) -%}
    case
        when {{ column }} between {{ lowest }} and {{ highest }}
            then ({{ column }} - {{ lowest }}) * 100.0::double / ({{ highest }} - {{ lowest }})
    end
{%- endmacro %}
