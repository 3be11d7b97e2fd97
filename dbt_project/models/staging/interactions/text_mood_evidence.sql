with rated as (
    select
        moods.text_language,
        moods.held_out_score,
        moods.customer_text,
        rated_texts.good_count,
        rated_texts.bad_count
    from {{ ref('rated_texts') }} as rated_texts
    inner join {{ ref('text_moods') }} as moods on rated_texts.customer_text = moods.customer_text
    where moods.text_language is not null
),

-- of equal scores each good rating is right against half of the bad ones
by_score as (
    select
        text_language,
        held_out_score,
        sum(good_count) as good_count,
        sum(bad_count) as bad_count
    from rated
    where held_out_score is not null
    group by text_language, held_out_score
),

pairs as (
    select
        *,
        coalesce(
            sum(bad_count) over (
                partition by text_language order by held_out_score rows between unbounded preceding and 1 preceding
            ),
            0
        ) + bad_count / 2 as bad_below
    from by_score
),

areas as (
    select
        text_language,
        sum(good_count * bad_below) / nullif(sum(good_count) * sum(bad_count), 0) as held_out_auc
    from pairs
    group by text_language
),

counts as (
    select
        text_language,
        sum(good_count)::bigint as good_count,
        sum(bad_count)::bigint as bad_count,
        count(*) filter (where good_count > 0) as good_text_count,
        count(*) filter (where bad_count > 0) as bad_text_count
    from rated
    group by text_language
)

select
    counts.*,
    round(areas.held_out_auc, 4) as held_out_auc,
    coalesce(
        areas.held_out_auc >= {{ var('mood_lowest_auc') }}
        and least(counts.good_count, counts.bad_count) >= {{ var('mood_lowest_ratings') }}
        and least(counts.good_text_count, counts.bad_text_count) >= {{ var('mood_lowest_texts') }},
        false
    ) as is_scored
from counts
left join areas on counts.text_language = areas.text_language
