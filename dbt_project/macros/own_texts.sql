{# What customers wrote in an installation's own sources, as further parts of a union. #}
{% macro own_texts() -%}
    {% for model in own_text_models() -%}
        union
        select customer_text from {{ ref(model) }}
        where customer_text is not null
    {% endfor %}
{%- endmacro %}

{# What of it stands beside a score, as further parts of a union, without those of restricted person records. #}
{% macro own_rated_texts(restricted) -%}
    {% for model in own_rated_text_models() -%}
        union all
        select
            null as ticket_id,
            customer_text,
            occurred_at as responded_at,
            {{ is_good_answer('survey_type', 'survey_score') }} as is_good
        from {{ ref(model) }}
        anti join {{ restricted }} using (person_record_id)
    {% endfor %}
{%- endmacro %}

{# A column that says how a text sounds: of a source that ships as delivered, of an own one by its text. #}
{% macro mood_column(column) -%}
    {{ 'coalesce(delivered.' ~ column ~ ', moods.' ~ column ~ ')' if own_text_models() else 'delivered.' ~ column }}
{%- endmacro %}
