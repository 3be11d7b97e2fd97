with restricted as (
    select person_record_id from {{ ref('restricted_records') }}
),

-- no model learns from what a person has said who is restricted
tickets as (
    select tickets.*
    from {{ ref('stg_support__tickets') }} as tickets
    anti join restricted
        on {{ person_record_id('support', 'user', 'tickets.requester_id') }} = restricted.person_record_id
),

restricted_tickets as (
    select ticket_id from {{ ref('stg_support__tickets') }}
    except
    select ticket_id from tickets
),

restricted_orders as (
    select orders.source_record_id as order_id
    from {{ ref('ecommerce_order_interactions') }} as orders
    semi join restricted on orders.person_record_id = restricted.person_record_id
    where orders.source_record_type = 'order'
),

responses as (
    select responses.*
    from {{ ref('stg_support__survey_responses') }} as responses
    anti join restricted as users
        on {{ person_record_id('support', 'user', 'responses.user_id') }} = users.person_record_id
    anti join restricted as respondents
        on
            {{ person_record_id('support', 'survey_respondent', 'responses.response_id') }}
            = respondents.person_record_id
    anti join restricted_tickets on responses.ticket_id = restricted_tickets.ticket_id
    anti join restricted_orders on responses.order_id = restricted_orders.order_id
),

answers as (
    select
        ticket_id,
        customer_text,
        responded_at,
        {{ is_good_answer('survey_type', 'survey_score') }} as is_good
    from responses
    {{ own_rated_texts('restricted') }}
),

ratings as (
    select
        customer_text,
        updated_at as rated_at,
        case satisfaction_rating when 'good' then true when 'bad' then false end as is_good
    from tickets
    union all
    select
        tickets.customer_text,
        answers.responded_at as rated_at,
        answers.is_good
    from answers
    inner join tickets on answers.ticket_id = tickets.ticket_id
    union all
    select
        customer_text,
        responded_at as rated_at,
        is_good
    from answers
),

-- up to the end of the last month, so that scores change once a month and not with each delivery
newest as (
    select {{ month_start_of('max(received_at)') }} as month_began_at from {{ ref('newest_receipts') }}
),

rated_texts as (
    select
        ratings.customer_text,
        count(*) filter (where ratings.is_good) as good_count,
        count(*) filter (where not ratings.is_good) as bad_count
    from ratings
    cross join newest
    where
        ratings.customer_text is not null
        and ratings.is_good is not null
        and ratings.rated_at < newest.month_began_at
    group by ratings.customer_text
)

select * from rated_texts
