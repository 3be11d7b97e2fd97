{# Fails for every row that breaks a rule, a condition over its columns; null breaks none. One query for all of them. #}
{% test valid_rows(model, rules) %}
select
    [{% for rule in rules %}if(not ({{ rule }}), {{ loop.index }}, null){{ ', ' if not loop.last }}{% endfor %}] as broken_rules,
    *
from {{ model }}
where {% for rule in rules %}not ({{ rule }}){{ ' or ' if not loop.last }}{% endfor %}
{% endtest %}
