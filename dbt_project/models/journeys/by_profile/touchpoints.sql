with interactions as (
    select
        interactions.*,
        interactions.interaction_id as touchpoint_id,
        profile_records.profile_id,
        interactions.stage = 'purchase' and coalesce(interactions.amount >= 0, false) as is_order
    from {{ ref('interactions') }} as interactions
    left join {{ ref('profile_records') }} as profile_records
        on interactions.person_record_id = profile_records.person_record_id
    where
        (profile_records.profile_id is null or {{ touched_profiles_only('profile_records.profile_id') }})
        {% if var('as_of') %}and interactions.occurred_at <= timestamp '{{ var("as_of") }}'{% endif %}
),

first_orders as (
    select
        profile_id,
        min({ 'occurred_at': occurred_at, 'touchpoint_id': touchpoint_id }) as placed
    from interactions
    where is_order and profile_id is not null
    group by profile_id
),

-- Who answers again about the same thing has changed the answer.
answers as (
    select
        touchpoint_id,
        coalesce(
            lead(occurred_at) over (
                partition by profile_id, survey_type, about_interaction_id order by occurred_at, touchpoint_id
            ) > occurred_at + to_days({{ var("scorecard_days_before") }} + 1),
            true
        ) as is_last_answer
    from interactions
    where survey_type is not null and profile_id is not null
),

with_stage as (
    select
        interactions.touchpoint_id,
        interactions.profile_id,
        interactions.person_record_id,
        interactions.source_system,
        interactions.source_record_type,
        interactions.source_record_id,
        interactions.occurred_at,
        interactions.channel,
        interactions.touchpoint_type,
        interactions.topic,
        interactions.campaign,
        interactions.campaign_channel,
        interactions.is_order,
        interactions.is_renewal,
        interactions.order_interaction_id as order_touchpoint_id,
        interactions.about_interaction_id as about_touchpoint_id,
        interactions.is_creditable,
        interactions.amount,
        interactions.currency,
        interactions.survey_type,
        interactions.survey_score,
        interactions.survey_type is not null and coalesce(answers.is_last_answer, true) as is_last_answer,
        interactions.satisfaction_score,
        if(restricted.profile_id is null, interactions.sentiment_score, null) as sentiment_score,
        if(restricted.profile_id is null, interactions.text_language, null) as text_language,
        interactions.effort_score,
        interactions.effort_weight,
        interactions.duration_minutes,
        interactions.first_reply_minutes,
        interactions.reopen_count,
        case
            when interactions.stage <> 'purchase' then interactions.stage
            when interactions.is_order and interactions.touchpoint_id <> first_orders.placed.touchpoint_id
                then 'repurchase'
            -- A checkout step or a confirmation in the visit of the first order belongs to that order.
            when
                not interactions.is_order
                and interactions.occurred_at > first_orders.placed.occurred_at
                + interval '{{ var("session_gap_minutes") }} minutes'
                then 'repurchase'
            else interactions.stage
        end as stage,
        members.journey_id,
        members.journey_touchpoint_number,
        interactions.occurred_on
    from interactions
    left join first_orders on interactions.profile_id = first_orders.profile_id
    left join answers on interactions.touchpoint_id = answers.touchpoint_id
    left join {{ ref('int_journey_members') }} as members on interactions.touchpoint_id = members.touchpoint_id
    left join {{ ref('int_restricted_profiles') }} as restricted on interactions.profile_id = restricted.profile_id
),

touchpoints as (
    select
        * exclude (occurred_on),
        {{ var('journey_goal') }} as is_goal,
        occurred_on
    from with_stage
)

select * from touchpoints
