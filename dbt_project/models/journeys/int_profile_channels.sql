with

touchpoints as (
    select
        profile_id,
        channel,
        occurred_at,
        date_trunc('hour', occurred_at) as utc_hour,
        -- What the company does (a mail sent, an advertisement shown) says little about preference.
        stage <> 'awareness' as is_own
    from {{ ref('touchpoints') }}
    where profile_id is not null
),

zones as (
    select
        profiles.profile_id,
        country_time_zones.time_zone
    from {{ ref('profiles') }} as profiles
    inner join {{ ref('country_time_zones') }} as country_time_zones
        on profiles.country_code = country_time_zones.country_code
),

-- A clock is changed on the hour, and reading a time zone costs more than anything else here: once an hour is enough.
clocks as (
    select
        time_zone,
        utc_hour,
        timezone(time_zone, utc_hour at time zone 'UTC') - utc_hour as utc_offset
    from (
        select distinct
            zones.time_zone,
            touchpoints.utc_hour
        from touchpoints
        inner join zones on touchpoints.profile_id = zones.profile_id
        where touchpoints.is_own
    ) as needed
),

hours as (
    select
        touchpoints.profile_id,
        zones.time_zone,
        hour(touchpoints.occurred_at + clocks.utc_offset) as local_hour,
        count(*) as own_count
    from touchpoints
    inner join zones on touchpoints.profile_id = zones.profile_id
    inner join clocks on zones.time_zone = clocks.time_zone and touchpoints.utc_hour = clocks.utc_hour
    where touchpoints.is_own
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
        max_by(
            channel,
            {
                'own_count': own_count,
                'touchpoint_count': touchpoint_count,
                'last_used_at': last_used_at,
                'channel': channel
            }
        ) as preferred_channel,
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
