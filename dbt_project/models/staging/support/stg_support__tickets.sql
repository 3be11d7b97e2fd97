with delivered as (
    {{ newest_version(source('landing', 'support_tickets'), ['id'], 'updated_at') }}
),

renamed as (
    select
        id as ticket_id,
        {{ filled('requester_id') }} as requester_id,
        {{ filled('subject') }} as subject,
        {{ filled('description') }} as description,
        lower({{ filled('status') }}) as ticket_status,
        lower({{ filled('priority') }}) as priority,
        lower({{ filled('type') }}) as ticket_type,
        {{ json_text('via', '$.channel') }} as via_channel,
        tags,
        -- an export of ratings adds whether there is a comment: good_with_comment, badwithcomment
        regexp_replace(
            lower({{ json_text('satisfaction_rating', '$.score') }}), '_?with(out)?_?comment$', ''
        ) as satisfaction_rating,
        {{ json_text('satisfaction_rating', '$.comment') }} as satisfaction_comment,
        -- the subject repeats the description, so it is used only where the description is missing
        nullif(
            concat_ws(
                ' ', coalesce({{ filled('description') }}, {{ filled('subject') }}),
                {{ json_text('satisfaction_rating', '$.comment') }}
            ),
            ''
        ) as customer_text,
        created_at,
        updated_at
    from delivered
)

select * from renamed
