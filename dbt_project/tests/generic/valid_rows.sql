{# Fails for each row that breaks a rule, a condition on its columns (null breaks none): one query for all rules. #}
{% test valid_rows(model, rules) %}
select
    [{% for rule in rules %}if(not ({{ rule }}), {{ loop.index }}, null){{ ', ' if not loop.last }}{% endfor %}] as broken_rules,
    *
from {{ model }}
where {% for rule in rules %}not ({{ rule }}){{ ' or ' if not loop.last }}{% endfor %}
{% endtest %}
