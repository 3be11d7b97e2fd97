with delivered as (
    {{ newest_version(source('landing', 'support_ticket_metrics'), ['ticket_id'], 'updated_at') }}
),

renamed as (
    select
        ticket_id,
        try_cast({{ json_text('reply_time_in_minutes', '$.calendar') }} as double) as first_reply_minutes,
        try_cast({{ json_text('full_resolution_time_in_minutes', '$.calendar') }} as double) as resolution_minutes,
        reopens as reopen_count,
        replies as reply_count,
        solved_at,
        updated_at
    from delivered
)

select * from renamed
