{# Whether a trait meets a rule of a seed. at_least and at_most compare numbers, is and is_one_of compare texts. #}
{% macro meets_rule(trait_value) -%}
    case rules.comparison
        when 'at_least' then try_cast({{ trait_value }} as double) >= try_cast(rules.threshold as double)
        when 'at_most' then try_cast({{ trait_value }} as double) <= try_cast(rules.threshold as double)
        when 'is' then {{ trait_value }} = rules.threshold
        when 'is_one_of' then list_contains(string_split(rules.threshold, '|'), {{ trait_value }})
        else false
    end
{%- endmacro %}
