{# Fails for every row of a model that lists what ought not to be. #}
{% test no_rows(model) %}
select *
from {{ model }}
{% endtest %}
