with campaign_members as (
    select * from {{ ref('stg_crm__campaign_members') }}
    where is_deleted is not true
),

contacts as (
    select * from {{ ref('crm_person_records') }}
),

interactions as (
    select
        'crm:campaign_member:' || members.campaign_member_id as interaction_id,
        'crm' as source_system,
        'campaign_member' as source_record_type,
        members.campaign_member_id as source_record_id,
        contacts.person_record_id,
        -- a member has one status, the furthest reached: a mailing happened when it was sent, a response when it came
        coalesce(
            if(lower(members.member_status) in ('sent', 'bounced'), members.created_at, members.first_responded_at),
            members.updated_at
        ) as occurred_at,
        concat_ws(
            '.',
            'crm.campaign_member',
            {{ event_word('members.campaign_type') }},
            {{ event_word('members.member_status') }}
        ) as source_event,
        coalesce(members.campaign_name, members.campaign_id) as campaign
    from campaign_members as members
    left join contacts on members.contact_id = contacts.source_record_id
)

select * from interactions
