{#
  Fails for every row that breaks a rule, a condition over its columns; null breaks none. known names columns with the
  list of macro known_values that their values must be in. One query for all of them.
#}
{% test valid_rows(model, rules, known={}) %}
    {%- set all_rules = [] -%}
    {%- for column, list in known.items() -%}
        {%- do all_rules.append(column ~ " in ('" ~ known_values(list) | join("', '") ~ "')") -%}
    {%- endfor -%}
    {%- do all_rules.extend(rules) %}
select
    [{% for rule in all_rules %}if(not ({{ rule }}), {{ loop.index }}, null){{ ', ' if not loop.last }}{% endfor %}] as broken_rules,
    *
from {{ model }}
where {% for rule in all_rules %}not ({{ rule }}){{ ' or ' if not loop.last }}{% endfor %}
{% endtest %}
