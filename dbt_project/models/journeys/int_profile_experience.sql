with

experience as (
    select
        profile_id,
        arg_max(
            survey_score, { 'occurred_at': occurred_at, 'touchpoint_id': touchpoint_id }
        ) filter (where survey_type = 'nps') as nps_score,
        avg(survey_score) filter (where survey_type = 'csat' and is_last_answer) as average_csat_score,
        avg(survey_score) filter (where survey_type = 'ces' and is_last_answer) as average_ces_score,
        -- A sum of decimals is the same in any order.
        round(avg(sentiment_score::decimal(9, 4)), 4) as average_sentiment_score,
        coalesce(sum(effort_weight) filter (where stage = 'service'), 0)::bigint as service_effort,
        count(*) filter (where source_record_type = 'ticket') as ticket_count,
        count(*) filter (where source_record_type = 'ticket' and reopen_count > 0) as reopened_ticket_count,
        median(duration_minutes) filter (where source_record_type = 'ticket') as median_resolution_minutes
    from {{ ref('touchpoints') }}
    where profile_id is not null and (survey_type is not null or stage = 'service')
    group by profile_id
)

select * from experience
