with

-- Messages that bounced did not arrive.
messages as (
    select * from {{ ref('touchpoints') }}
    where source_record_type = 'campaign_member' and campaign is not null and touchpoint_type <> 'campaign_bounced'
),

counts as (
    select
        campaign,
        max(occurred_at) as last_message_at,
        count(*) as message_count,
        count(*) filter (touchpoint_type = 'campaign_sent') as unanswered_count,
        count(*) filter (touchpoint_type in ('campaign_opened', 'campaign_clicked', 'campaign_responded'))
            as opened_count,
        count(*) filter (touchpoint_type in ('campaign_clicked', 'campaign_responded')) as clicked_count,
        count(*) filter (touchpoint_type = 'campaign_unsubscribed') as unsubscribed_count,
        bool_or({{ shows_openings('channel') }}) as has_openings
    from messages
    group by campaign
)

select
    * exclude (has_openings),
    -- where no message is without an answer, only answers were recorded, of an unknown number of messages
    unanswered_count > 0 as is_sending_recorded,
    if(is_sending_recorded and has_openings, opened_count / message_count, null) as open_rate,
    if(is_sending_recorded, clicked_count / message_count, null) as click_rate
from counts
