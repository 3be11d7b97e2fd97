{# Id of a part of an order, such as a refund, without a colon: its own, else its time, else the given word. #}
{% macro part_id(part, word) -%}
    replace(coalesce({{ part }}['id'], {{ part }}['created_at'], '{{ word }}'), ':', '.')
{%- endmacro %}

{# How many parts of the order with the same id go before this one, and itself. #}
{% macro part_number(part, word) -%}
    row_number() over (partition by order_id, {{ part_id(part, word) }} order by {{ part }})
{%- endmacro %}

{# The key of a part of an order; the second of one id has its number. #}
{% macro part_key(part, word) -%}
    order_id || ':' || {{ part_id(part, word) }}
    || if({{ part_number(part, word) }} > 1, '#' || {{ part_number(part, word) }}, '')
{%- endmacro %}

{# Amount of a line: quantity times price, in a type that holds the product of any two that landing accepts. #}
{% macro line_total(quantity, price) -%}
    ({{ quantity }}::decimal(19, 4) * {{ price }})::decimal(18, 2)
{%- endmacro %}


{% macro names_a_guest(orders=none) -%}
    {#- Whether an order says anything about who placed it; one that was stripped of its person, or came from a
        marketplace that keeps it, is a sale of no one. -#}
    coalesce(
        {%- for column in ['email', 'phone', 'address_phone', 'given_name', 'family_name', 'address_line', 'postcode'] %}
        {{ orders ~ '.' if orders }}{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    ) is not null
{%- endmacro %}

{#
  Whether the marks of an order make it a renewal of a subscription: who placed it, a tag, or any word of a tag, as apps
  tag in words of their own ("Skio Recurring Order"); a "recurring customer" is no renewal.
#}
{% macro is_renewal(orders, marks) -%}
    coalesce(
        list_contains({{ marks }}.source_names, lower({{ orders }}.source_name))
        or list_has_any({{ marks }}.tags, {{ orders }}.tag_list)
        or len(list_filter(
            {{ orders }}.tag_phrases,
            lambda tag: {{ has_any_word('tag', marks ~ '.tag_words') }}
            and not {{ has_any_word('tag', marks ~ '.words_of_else') }}
        )) > 0,
        false
    )
{%- endmacro %}
