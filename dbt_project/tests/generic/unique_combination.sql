{# Fails for each combination of the columns that more than one row has. #}
{% test unique_combination(model, columns) %}
select {{ columns | join(', ') }}, count(*) as row_count
from {{ model }}
where {{ may_repeat(model, 'hash(' ~ columns | join(', ') ~ ')') }}
group by all
having count(*) > 1
{% endtest %}
