-- Two records of one customer are merged, and one of them had unsubscribed. A campaign must not reach a profile on a
-- channel that any of its current records refused.
{{ config(meta={'dagster': {'ref': {'name': 'profile_consents'}}}) }}
with

refusals as (
    select distinct
        profile_id,
        channel,
        purpose
    from {{ ref('consent_history') }}
    where is_current and state = 'refused'
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
        or (refusals.channel = 'email' and profiles.email_consent is distinct from false)
        or (refusals.channel in ('phone', 'sms') and profiles.phone_consent is distinct from false)
)

select * from failures
