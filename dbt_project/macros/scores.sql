{# A score rescaled to 0 to 100; null outside its scale. #}
{% macro rescaled_score(column, lowest, highest) -%}
    case
        when {{ column }} between {{ lowest }} and {{ highest }}
            then ({{ column }} - {{ lowest }}) * 100.0::double / ({{ highest }} - {{ lowest }})
    end
{%- endmacro %}

{# How satisfied an answer to a survey is, 0 to 100; an answer about effort says nothing of it. #}
{% macro satisfaction_of(survey_type, score) -%}
    case {{ survey_type }}
        when 'csat' then {{ rescaled_score(score, 1, 5) }}
        when 'nps' then {{ rescaled_score(score, 0, 10) }}
    end
{%- endmacro %}

{# How much effort an answer says it was, 0 to 100; on its scale seven is the least. #}
{% macro effort_of(survey_type, score) -%}
    case {{ survey_type }} when 'ces' then 100 - {{ rescaled_score(score, 1, 7) }} end
{%- endmacro %}

{# Whether an answer is good; null in the middle of its scale, where it says neither. #}
{% macro is_good_answer(survey_type, score) -%}
    case
        when {{ survey_type }} = 'csat' and {{ score }} >= 4 then true
        when {{ survey_type }} = 'csat' and {{ score }} <= 2 then false
        when {{ survey_type }} = 'nps' and {{ score }} >= 9 then true
        when {{ survey_type }} = 'nps' and {{ score }} <= 6 then false
        when {{ survey_type }} = 'ces' and {{ score }} >= 5 then true
        when {{ survey_type }} = 'ces' and {{ score }} <= 3 then false
    end
{%- endmacro %}
