{# Fails for each value that more than one row has, and for null: one query for both. #}
{% test primary_key(model, column_name) %}
select {{ column_name }}, count(*) as row_count
from {{ model }}
where {{ may_repeat(model, [column_name]) }} or {{ column_name }} is null
group by {{ column_name }}
having count(*) > 1 or {{ column_name }} is null
{% endtest %}
