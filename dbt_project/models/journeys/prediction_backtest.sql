with

forecasts as (
    select * from {{ ref('int_purchase_forecasts') }}
    where has_ordered_since is not null
),

-- Recency and frequency alone rank the same buyers: the longer silent or the fewer orders, the less likely one comes.
scored as (
    unpivot (
        select
            cutoff_on,
            profile_id,
            not has_ordered_since as is_silent,
            no_order_probability,
            recency_days::double as recency_days,
            -purchase_day_count::double as purchase_day_count
        from forecasts
    )
    on no_order_probability, recency_days, purchase_day_count into name score value score_value
),

ranked as (
    select
        *,
        rank() over (partition by cutoff_on, score order by score_value)
        + (count(*) over (partition by cutoff_on, score, score_value) - 1) / 2 as place,
        ntile(10) over (partition by cutoff_on, score order by score_value, profile_id) as decile
    from scored
),

-- Of all pairs of a buyer who stayed silent and one who ordered, those that the score puts in that order; ties half.
areas as (
    select
        cutoff_on,
        score,
        count(*) as buyer_count,
        count(*) filter (where is_silent) as silent_count,
        (sum(place) filter (where is_silent) - silent_count * (silent_count + 1) / 2)
        / nullif(silent_count * (buyer_count - silent_count), 0) as auc
    from ranked
    group by cutoff_on, score
),

compared as (
    select
        *,
        auc > max(auc) filter (where score <> 'no_order_probability') over (partition by cutoff_on) as is_better
    from areas
),

deciles as (
    select
        cutoff_on,
        score,
        decile,
        count(*) as decile_buyer_count,
        avg(score_value) as mean_score,
        avg(is_silent::integer) as silent_share
    from ranked
    group by cutoff_on, score, decile
)

select
    deciles.cutoff_on,
    deciles.score,
    deciles.decile,
    deciles.decile_buyer_count,
    if(deciles.score = 'no_order_probability', round(deciles.mean_score, 6), null) as predicted_share,
    round(deciles.silent_share, 6) as silent_share,
    compared.buyer_count,
    round(compared.auc, 6) as auc,
    if(deciles.score = 'no_order_probability', compared.is_better, null) as is_better_than_recency_and_frequency
from deciles
inner join compared on deciles.cutoff_on = compared.cutoff_on and deciles.score = compared.score
