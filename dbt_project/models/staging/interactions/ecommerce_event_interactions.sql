with events as (
    select
        events.*,
        -- only the shop's own app sends the device's system; a browser on a phone is still the web
        if(
            events.event_type = 'screen' or lower(events.device_type) in ('ios', 'android'), 'mobile_app', 'web'
        ) as platform,
        customers.customer_id is not null as is_signed_in,
        -- who was signed in did it, whoever uses the browser otherwise
        coalesce(
            {{ person_record_id('ecommerce', 'customer', 'customers.customer_id') }},
            {{ person_record_id('ecommerce', 'anonymous_visitor', 'events.anonymous_id') }}
        ) as person_record_id
    from {{ ref('stg_ecommerce__events') }} as events
    left join {{ ref('ecommerce_customer_ids') }} as customers on events.customer_id = customers.user_id
    -- the other calls identify a person and are no interaction
    where events.event_type in ('page', 'screen', 'track')
),

orders as (
    select * from {{ ref('ecommerce_order_buyers') }}
),

-- a visitor who never signed in is identified by the order that the confirmation page names
completions as (
    select
        events.anonymous_id,
        events.occurred_at as completed_at,
        min(orders.person_record_id) as buyer_record_id
    from events
    inner join orders on {{ json_text('events.properties', '$.order_id') }} = orders.order_id
    where events.event_type = 'track' and lower(events.event_name) = 'order completed'
    group by events.anonymous_id, events.occurred_at
),

-- the hour before the order belongs to the buyer as well; what others do on the same device on another day does not
visits as (
    select
        events.* replace (
            if(
                not events.is_signed_in
                and events.occurred_at >= completions.completed_at - interval '1 hour',
                coalesce(completions.buyer_record_id, events.person_record_id),
                events.person_record_id
            ) as person_record_id
        )
    from events
    asof left join completions
        on events.anonymous_id = completions.anonymous_id and events.occurred_at <= completions.completed_at
),

interactions as (
    select
        'ecommerce:event:' || event_id as interaction_id,
        'ecommerce' as source_system,
        'event' as source_record_type,
        event_id as source_record_id,
        person_record_id,
        occurred_at,
        case
            when event_type = 'page' and campaign_medium is not null
                then 'ecommerce.event.campaign_visit.' || {{ event_word('campaign_medium') }}
            when event_type = 'track'
                then concat_ws('.', 'ecommerce.event.track', {{ event_word('event_name') }}, platform)
            else concat_ws('.', 'ecommerce.event', event_type, platform)
        end as source_event,
        campaign_name as campaign,
        'ecommerce.event.campaign_visit.' || {{ event_word('campaign_medium') }} as arrival_event
    from visits
)

select * from interactions
