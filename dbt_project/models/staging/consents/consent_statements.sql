{%- set contacts, customers = source('landing', 'crm_contacts'), source('landing', 'ecommerce_customers') -%}
{%- set members = source('landing', 'in_store_loyalty_members') -%}
{%- set in_order = 'partition by person_record_id, source_field
        order by delivered_at asc nulls first, _source_file, _loaded_at, _source_line' -%}
with delivered as (
    {{ delivered_consent(contacts, 'crm.contact.HasOptedOutOfEmail', 'Id', 'SystemModstamp',
        refusal('"HasOptedOutOfEmail"')) }}
    union all
    {{ delivered_consent(contacts, 'crm.contact.DoNotCall', 'Id', 'SystemModstamp', refusal('"DoNotCall"')) }}
    union all
    {{ delivered_consent(customers, 'ecommerce.customer.email_marketing_consent', 'id', 'updated_at',
        shop_consent('email_marketing_consent'), consent_time('email_marketing_consent')) }}
    union all
    {{ delivered_consent(customers, 'ecommerce.customer.sms_marketing_consent', 'id', 'updated_at',
        shop_consent('sms_marketing_consent'), consent_time('sms_marketing_consent')) }}
    union all
    {{ delivered_consent(members, 'in_store.loyalty_member.email_opt_in', 'member_id', 'updated_at',
        answer('email_opt_in')) }}
),

compared as (
    select
        *,
        lag(state, 1, 'unknown') over ({{ in_order }}) as former_state
    from delivered
),

unsubscribed as (
    select
        person_record_id,
        source_event as source_field,
        'refused' as state,
        min(occurred_at) as stated_at
    from {{ ref('interactions') }}
    where touchpoint_type = 'campaign_unsubscribed' and person_record_id is not null
    group by person_record_id, source_event
),

-- a version with the state of the version before it is no new statement
statements as (
    select
        person_record_id,
        source_field,
        state,
        stated_at,
        row_number() over ({{ in_order }}) as statement_number
    from compared
    where state <> former_state
    union all
    select
        *,
        1 as statement_number
    from unsubscribed
)

select * from statements
