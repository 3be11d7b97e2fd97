with

evidence as (
    select * from {{ ref('text_mood_evidence') }}
)

select
    text_language,
    good_count,
    bad_count,
    good_text_count,
    bad_text_count,
    held_out_auc::double as held_out_auc,
    is_scored
from evidence
