with delivered as (
    {{ newest_version(source('landing', 'support_survey_responses'), ['response_id'], 'responded_at') }}
),

renamed as (
    select
        response_id,
        lower({{ filled('survey') }}) as survey_type,
        try_cast(score as integer) as survey_score,
        {{ filled('comment') }} as customer_text,
        {{ filled('email') }} as email,
        {{ filled('user_id') }} as user_id,
        {{ filled('order_id') }} as order_id,
        {{ filled('ticket_id') }} as ticket_id,
        {{ filled('channel') }} as channel,
        responded_at
    from delivered
)

select * from renamed
