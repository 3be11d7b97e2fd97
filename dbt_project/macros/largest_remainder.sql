{#
  A whole number of units divided by weights without losing one: everybody gets the whole part, the largest rests one
  more each (the method of Hamilton). The weights of a group add up to 1; ties go to the first in the order.
#}
{% macro whole_part(total, weight) -%}
    floor(round(abs({{ total }}) * {{ weight }}, 6))
{%- endmacro %}

{% macro share_of_units(total, weight, group, order) -%}
    sign({{ total }}) * (
        {{ whole_part(total, weight) }}
        + if(
            row_number() over (
                partition by {{ group }}
                order by
                    abs({{ total }}) * {{ weight }} - {{ whole_part(total, weight) }} desc,
                    {{ order }}
            )
            <= abs({{ total }}) - sum({{ whole_part(total, weight) }}) over (partition by {{ group }}),
            1,
            0
        )
    )
{%- endmacro %}
