{#
  Distributes a whole number of units by weights (largest remainder, or Hamilton, method): each row gets the whole part
  of its share, and the rows with the largest remainders one unit more, until all units are distributed. The weights of
  a group add up to 1; equal remainders go by the given order.
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
