with tickets as (
    select * from {{ ref('stg_support__tickets') }}
),

metrics as (
    select * from {{ ref('stg_support__ticket_metrics') }}
),

interactions as (
    select
        'support:ticket:' || tickets.ticket_id as interaction_id,
        'support' as source_system,
        'ticket' as source_record_type,
        tickets.ticket_id as source_record_id,
        {{ person_record_id('support', 'user', 'tickets.requester_id') }} as person_record_id,
        coalesce(tickets.created_at, tickets.updated_at) as occurred_at,
        concat_ws('.', 'support.ticket', {{ event_word('tickets.via_channel') }}) as source_event,
        case tickets.satisfaction_rating when 'good' then 100.0::double when 'bad' then 0.0::double end
            as satisfaction_score,
        metrics.resolution_minutes as duration_minutes,
        metrics.first_reply_minutes,
        metrics.reopen_count::integer as reopen_count
    from tickets
    left join metrics on tickets.ticket_id = metrics.ticket_id
)

select * from interactions
