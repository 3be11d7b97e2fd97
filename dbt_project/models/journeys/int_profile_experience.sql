with

interactions as (
    select
        profile_records.profile_id,
        interactions.*
    from {{ ref('interactions') }} as interactions
    inner join {{ ref('profile_records') }} as profile_records
        on interactions.person_record_id = profile_records.person_record_id
    where interactions.survey_type is not null or interactions.source_record_type = 'ticket'
),

experience as (
    select
        profile_id,
        arg_max(
            survey_score, { 'occurred_at': occurred_at, 'interaction_id': interaction_id }
        ) filter (where survey_type = 'nps') as nps_score,
        avg(survey_score) filter (where survey_type = 'csat') as average_csat_score,
        avg(survey_score) filter (where survey_type = 'ces') as average_ces_score,
        count(*) filter (where source_record_type = 'ticket') as ticket_count,
        count(*) filter (where source_record_type = 'ticket' and reopen_count > 0) as reopened_ticket_count,
        median(duration_minutes) filter (where source_record_type = 'ticket') as median_resolution_minutes
    from interactions
    group by profile_id
)

select * from experience
