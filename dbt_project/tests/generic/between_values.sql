{# Fails for each value outside the closed range; null is no failure. #}
{% test between_values(model, column_name, lowest, highest) %}
select {{ column_name }}
from {{ model }}
where {{ column_name }} not between {{ lowest }} and {{ highest }}
{% endtest %}
