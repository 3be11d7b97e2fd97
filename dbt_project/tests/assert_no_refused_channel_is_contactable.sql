-- Two records of one customer are merged, and one of them had unsubscribed; or the record that had unsubscribed was
-- deleted, or it stands in another profile with the same mailbox. A campaign must reach none of them.
{{ config(meta={'dagster': {'ref': {'name': 'profile_consents'}}}) }}
with

addresses as (
    select
        profile_id,
        'email' as identifier_type,
        email as identifier_value
    from {{ ref('profiles') }}
    union all
    select
        profile_id,
        'phone' as identifier_type,
        phone as identifier_value
    from {{ ref('profiles') }}
),

refusals as (
    select
        profile_id,
        channel,
        purpose
    from {{ ref('consent_history') }}
    where state = 'refused' and lifted_at is null
    union
    select
        addresses.profile_id,
        refused.channel,
        refused.purpose
    from {{ ref('int_refused_addresses') }} as refused
    inner join addresses
        on
            refused.identifier_type = addresses.identifier_type
            and refused.identifier_value = addresses.identifier_value
),

failures as (
    select refusals.*
    from refusals
    inner join {{ ref('profiles') }} as profiles on refusals.profile_id = profiles.profile_id
    left join {{ ref('profile_consents') }} as consents
        on
            refusals.profile_id = consents.profile_id
            and refusals.channel = consents.channel
            and refusals.purpose = consents.purpose
    where
        consents.state is distinct from 'refused'
        or consents.is_contactable
        or (
            refusals.purpose = 'marketing'
            and (
                (refusals.channel = 'email' and profiles.email_consent is distinct from false)
                or (refusals.channel in ('call', 'sms') and profiles.phone_consent is distinct from false)
                or (refusals.channel = 'sms' and profiles.sms_consent is distinct from false)
                or (refusals.channel = 'call' and profiles.call_consent is distinct from false)
            )
        )
)

select * from failures
