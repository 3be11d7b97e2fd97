{#
  The amount of a row in the reporting currency, rounded to cents; null where its currency has no rate.
  rates has units_per_euro of the row's currency and reporting_units, the units per euro of the reporting currency.
#}
{% macro reporting_amount(rows, rates, column='amount') -%}
    case
        when {{ rows }}.currency = '{{ var("reporting_currency") }}' then {{ rows }}.{{ column }}
        else
            try_cast(
                round({{ rows }}.{{ column }} / {{ rates }}.units_per_euro * {{ rates }}.reporting_units, 2)
                as decimal(18, 2)
            )
    end
{%- endmacro %}
