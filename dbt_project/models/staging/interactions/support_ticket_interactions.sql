with tickets as (
    select * from {{ ref('stg_support__tickets') }}
    -- a ticket that was deleted, or closed because it repeats another one, is no contact with the desk
    where
        ticket_status is distinct from 'deleted'
        and not coalesce(list_contains(from_json(tags, '["varchar"]'), 'closed_by_merge'), false)
),

metrics as (
    select * from {{ ref('stg_support__ticket_metrics') }}
),

sentiments as (
    select * from {{ ref('text_sentiments') }}
),

ticket_tags as (
    select
        ticket_id,
        unnest(from_json(tags, '["varchar"]')) as tag
    from tickets
),

topics as (
    select
        ticket_tags.ticket_id,
        min_by(ticket_topics.topic, struct_pack(ticket_topics.priority, ticket_topics.tag)) as topic
    from ticket_tags
    inner join {{ ref('ticket_topics') }} as ticket_topics
        on {{ event_word('ticket_tags.tag') }} = ticket_topics.tag
    group by ticket_tags.ticket_id
),

interactions as (
    select
        'support:ticket:' || tickets.ticket_id as interaction_id,
        'support' as source_system,
        'ticket' as source_record_type,
        tickets.ticket_id as source_record_id,
        {{ person_record_id('support', 'user', 'tickets.requester_id') }} as person_record_id,
        coalesce(tickets.created_at, tickets.updated_at) as occurred_at,
        concat_ws(
            '.',
            'support.ticket',
            {{ event_word('tickets.via_channel') }},
            if(topics.topic = 'repair', 'repair', null)
        ) as source_event,
        topics.topic,
        case tickets.satisfaction_rating when 'good' then 100.0::double when 'bad' then 0.0::double end
            as satisfaction_score,
        sentiments.sentiment_score,
        sentiments.text_language,
        metrics.resolution_minutes as duration_minutes,
        metrics.first_reply_minutes,
        metrics.reopen_count::integer as reopen_count
    from tickets
    left join metrics on tickets.ticket_id = metrics.ticket_id
    left join topics on tickets.ticket_id = topics.ticket_id
    left join sentiments on tickets.customer_text = sentiments.customer_text
)

select * from interactions
