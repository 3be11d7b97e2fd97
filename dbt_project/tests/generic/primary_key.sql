{# Fails for every value that stands on more than one row, and for a missing one: one query for both. #}
{% test primary_key(model, column_name) %}
select {{ column_name }}, count(*) as row_count
from {{ model }}
group by {{ column_name }}
having count(*) > 1 or {{ column_name }} is null
{% endtest %}
