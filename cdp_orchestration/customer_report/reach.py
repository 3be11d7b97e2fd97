"""Reach: how many customers may be contacted on each channel, for marketing and for service."""

from dataclasses import dataclass

import duckdb

from cdp_orchestration.customer_report.reading import IS_CUSTOMER, read

CHANNELS = ("email", "sms", "call", "post", "push", "ads")
SERVICE_CHANNELS = ("email", "sms", "call", "post", "push")  # an advertisement is never service


@dataclass(frozen=True)
class ChannelReach:
    """One channel and purpose: the customers with an address there, and their answers.

    ``contactable_count``: with an address of their own, for marketing with a consent and no refusal, for service
    without a refusal of service.
    """

    channel: str
    purpose: str
    address_count: int
    granted_count: int
    refused_count: int
    contactable_count: int


def read_reach(connection: duckdb.DuckDBPyConnection) -> tuple[ChannelReach, ...]:
    """Return every channel, for marketing and, where it serves for that, for service."""
    return read(connection, ChannelReach, _REACH)


_REACH = f"""
    with contacts as (
        select
            profile_id,
            bool_or(identifier_type = 'email') as has_email,
            bool_or(identifier_type = 'phone') as has_phone
        from profile_identifiers
        where identifier_type in ('email', 'phone') and is_primary and not is_shared
        group by profile_id
    ),
    postal as (
        select distinct profile_id from profile_attributes where attribute = 'address_line' and is_golden
    ),
    customers as (
        select
            profiles.profile_id,
            coalesce(contacts.has_email, false) as has_email,
            coalesce(contacts.has_phone, false) as has_phone,
            postal.profile_id is not null as has_address
        from profiles
        left join contacts on profiles.profile_id = contacts.profile_id
        left join postal on profiles.profile_id = postal.profile_id
        where {IS_CUSTOMER}
    ),
    ways as (
        select
            unnest({list(CHANNELS)}) as channel,
            unnest(range({len(CHANNELS)})) as place,
            'marketing' as purpose
        union all
        select unnest({list(SERVICE_CHANNELS)}), unnest(range({len(SERVICE_CHANNELS)})), 'service'
    ),
    answered as (
        select
            ways.channel,
            ways.place,
            ways.purpose,
            customers.profile_id,
            case
                when ways.channel = 'email' then customers.has_email
                when ways.channel in ('sms', 'call') then customers.has_phone
                when ways.channel = 'post' then customers.has_address
                when ways.channel = 'ads' then customers.has_email or customers.has_phone
                else false
            end as has_address,
            coalesce(consents.state, 'unknown') as state,
            coalesce(consents.is_contactable, false) as is_contactable
        from ways
        left join customers on true
        left join profile_consents as consents
            on
                customers.profile_id = consents.profile_id
                and ways.channel = consents.channel
                and ways.purpose = consents.purpose
    )
    select
        channel,
        purpose,
        count(profile_id) filter (has_address),
        count(profile_id) filter (state = 'granted'),
        count(profile_id) filter (state = 'refused'),
        count(profile_id) filter (if(purpose = 'service', has_address and state <> 'refused', is_contactable))
    from answered
    group by channel, place, purpose
    order by purpose, place
"""
