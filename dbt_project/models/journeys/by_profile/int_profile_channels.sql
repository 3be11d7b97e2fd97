with touchpoints as (
    select
        profile_id,
        channel,
        occurred_at,
        -- An act of the company (a mail sent, an advertisement shown) is little evidence of a preference.
        -- Nor is a renewal, at the hour and in the shop of the subscription.
        stage <> 'awareness' and is_renewal is not true as is_own
    from {{ ref('touchpoints') }}
    where profile_id is not null and {{ touched_profiles_only('profile_id') }}
),

zones as (
    select
        profiles.profile_id,
        by_country.time_zone
    from {{ ref('profiles') }} as profiles
    inner join {{ ref('country_time_zones') }} as by_country on profiles.country_code = by_country.country_code
),

own as (
    select
        touchpoints.profile_id,
        touchpoints.occurred_at,
        zones.time_zone
    from touchpoints
    inner join zones on touchpoints.profile_id = zones.profile_id
    where touchpoints.is_own
),

clocks as (
    {{ clocks_of('own') }}
),

hours as (
    select
        own.profile_id,
        {{ hour_shown(time_on('clocks', 'own.occurred_at')) }} as local_hour,
        count(*) as own_count
    from own
    inner join clocks on own.time_zone = clocks.time_zone and {{ utc_day_of('own.occurred_at') }} = clocks.utc_day
    group by all
),

preferred_hours as (
    select
        profile_id,
        arg_max(local_hour, { 'own_count': own_count, 'earlier': -local_hour }) as preferred_hour
    from hours
    group by profile_id
),

uses as (
    select
        profile_id,
        channel,
        count(*) filter (where is_own) as own_count,
        count(*) as touchpoint_count,
        max(occurred_at) as last_used_at
    from touchpoints
    group by profile_id, channel
),

preferred as (
    select
        profile_id,
        max({ 'own': own_count, 'all': touchpoint_count, 'at': last_used_at, 'channel': channel }).channel
            as preferred_channel,
        bool_or(channel = 'store' and own_count > 0)
        and bool_or(channel in ('web', 'mobile_app') and own_count > 0) as is_omnichannel
    from uses
    group by profile_id
),

profile_channels as (
    select
        preferred.*,
        zones.time_zone,
        preferred_hours.preferred_hour::integer as preferred_hour
    from preferred
    left join zones on preferred.profile_id = zones.profile_id
    left join preferred_hours on preferred.profile_id = preferred_hours.profile_id
)

select * from profile_channels
