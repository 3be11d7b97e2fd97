with responses as (
    select * from {{ ref('stg_support__survey_responses') }}
),

person_records as (
    select person_record_id from {{ ref('delivered_person_records') }}
),

orders as (
    select * from {{ ref('ecommerce_order_interactions') }}
    where source_record_type = 'order'
),

tickets as (
    select * from {{ ref('support_ticket_interactions') }}
),

-- order of trust: the user who was logged in, the recipient of the survey, the order or ticket that it is about
answers as (
    select
        responses.*,
        sentiments.sentiment_score,
        sentiments.text_language,
        coalesce(
            users.person_record_id,
            respondents.person_record_id,
            buyers.person_record_id,
            requesters.person_record_id
        ) as person_record_id
    from responses
    left join {{ ref('text_sentiments') }} as sentiments on responses.customer_text = sentiments.customer_text
    left join person_records as users
        on {{ person_record_id('support', 'user', 'responses.user_id') }} = users.person_record_id
    left join person_records as respondents
        on
            {{ person_record_id('support', 'survey_respondent', 'responses.response_id') }}
            = respondents.person_record_id
    left join orders on responses.order_id = orders.source_record_id
    left join person_records as buyers on orders.person_record_id = buyers.person_record_id
    left join tickets on responses.ticket_id = tickets.source_record_id
    left join person_records as requesters on tickets.person_record_id = requesters.person_record_id
),

interactions as (
    select
        'support:survey_response:' || response_id as interaction_id,
        'support' as source_system,
        'survey_response' as source_record_type,
        response_id as source_record_id,
        person_record_id,
        responded_at as occurred_at,
        concat_ws('.', 'support.survey_response', {{ event_word('survey_type') }}, {{ event_word('channel') }})
            as source_event,
        if(survey_type in ('nps', 'csat', 'ces'), survey_type, null) as survey_type,
        survey_score,
        coalesce('support:ticket:' || ticket_id, 'ecommerce:order:' || order_id) as about_interaction_id,
        {{ satisfaction_of('survey_type', 'survey_score') }} as satisfaction_score,
        sentiment_score,
        text_language,
        {{ effort_of('survey_type', 'survey_score') }} as effort_score
    from answers
)

select * from interactions
