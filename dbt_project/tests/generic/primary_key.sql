{# Fails for each value that more than one row has, and for null: one query for both. #}
{% test primary_key(model, column_name) %}
select {{ column_name }}, count(*) as row_count
from {{ model }}
where {{ may_repeat(model, 'if(' ~ column_name ~ ' is null, null, hash(' ~ column_name ~ '))') }}
group by {{ column_name }}
having count(*) > 1 or {{ column_name }} is null
{% endtest %}
