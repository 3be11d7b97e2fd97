with

-- The CRM has one row a message, with the furthest that came of it; other sources have one row an event.
events as (
    select
        *,
        if(
            source_record_type = 'campaign_member',
            touchpoint_id,
            concat_ws(':', source_system, coalesce(person_record_id, touchpoint_id))
        ) as message_id
    from {{ ref('touchpoints') }}
    where
        campaign is not null
        and touchpoint_type in (
            'campaign_sent', 'campaign_opened', 'campaign_clicked', 'campaign_responded', 'campaign_unsubscribed',
            'campaign_bounced'
        )
),

-- Messages that bounced did not arrive.
messages as (
    select
        campaign,
        any_value(channel) as channel,
        max(occurred_at) as occurred_at,
        bool_or(touchpoint_type = 'campaign_sent') as is_sent,
        bool_or(touchpoint_type in ('campaign_opened', 'campaign_clicked', 'campaign_responded')) as is_opened,
        bool_or(touchpoint_type in ('campaign_clicked', 'campaign_responded')) as is_clicked,
        bool_or(touchpoint_type = 'campaign_unsubscribed') as is_unsubscribed
    from events
    group by campaign, message_id
    having not bool_or(touchpoint_type = 'campaign_bounced')
),

counts as (
    select
        campaign,
        max(occurred_at) as last_message_at,
        count(*) as message_count,
        count(*) filter (not is_opened and not is_unsubscribed) as unanswered_count,
        count(*) filter (is_opened) as opened_count,
        count(*) filter (is_clicked) as clicked_count,
        count(*) filter (is_unsubscribed) as unsubscribed_count,
        bool_or({{ shows_openings('channel') }}) as has_openings,
        bool_or(is_sent) as is_sending_recorded
    from messages
    group by campaign
)

select
    * exclude (has_openings, is_sending_recorded),
    -- where no sending was recorded, only answers were, of an unknown number of messages
    is_sending_recorded,
    if(is_sending_recorded and has_openings, opened_count / message_count, null) as open_rate,
    if(is_sending_recorded, clicked_count / message_count, null) as click_rate
from counts
