{# Fails for each row of a model that lists problems. #}
{% test no_rows(model) %}
select *
from {{ model }}
{% endtest %}
