with moods as (
    select * from {{ ref('text_moods') }}
),

evidence as (
    select text_language from {{ ref('text_mood_evidence') }}
    where is_scored
)

select
    moods.customer_text,
    moods.text_language,
    if(evidence.text_language is null, null, moods.mood_score) as sentiment_score
from moods
left join evidence on moods.text_language = evidence.text_language
