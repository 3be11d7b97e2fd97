{# Fails for every value that is not in a list of macro known_values; no value is no failure. #}
{% test known_value(model, column_name, of) %}
select {{ column_name }}, count(*) as row_count
from {{ model }}
where {{ column_name }} not in ('{{ known_values(of) | join("', '") }}')
group by {{ column_name }}
{% endtest %}
