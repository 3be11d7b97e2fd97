{# Fails for every value outside the closed range; no value is no failure. #}
{% test between_values(model, column_name, lowest, highest) %}
select {{ column_name }}
from {{ model }}
where {{ column_name }} not between {{ lowest }} and {{ highest }}
{% endtest %}
