"""The list of who may be contacted now: for which moment, on which channel, and what permits it."""

from collections.abc import Iterator, Mapping
from typing import Any

import duckdb

from cdp_orchestration.customer_report.reading import IS_CUSTOMER

COLUMNS = (
    *("profile_id", "moment_type", "channel", "purpose", "permitted_by", "reason", "suggested_action"),
    *("occurred_at", "expires_at", "moment_id"),
)


def read_contacts(connection: duckdb.DuckDBPyConnection) -> list[Mapping[str, Any]]:
    """Return one row per current moment of a customer who may be contacted for it, the most urgent first.

    What permits it is read again beside the published ``is_contactable``: marketing needs a consent that is granted for
    the very channel, service that nothing is refused there.

    Args:
        connection: a connection with the release's tables.

    Returns:
        Rows with the columns ``COLUMNS``.
    """
    return list(_rows(connection.execute(_CONTACTS)))


def _rows(found: duckdb.DuckDBPyConnection) -> Iterator[Mapping[str, Any]]:
    for row in found.fetchall():
        yield dict(zip(COLUMNS, row, strict=True))


_CONTACTS = f"""
    with current_moments as (
        select *, if(suggested_channel = 'phone', 'call', suggested_channel) as channel
        from moments
        where is_current and is_contactable
    )
    select
        found.profile_id,
        found.moment_type,
        found.channel,
        found.purpose,
        case
            when found.purpose = 'service' then 'service needs no consent, and none is refused'
            else concat_ws(' ',
                'consent given', 'on ' || strftime(consents.since_at, '%Y-%m-%d'), 'in', consents.source_field
            )
        end,
        found.reason,
        found.suggested_action,
        found.occurred_at,
        found.expires_at,
        found.moment_id
    from current_moments as found
    inner join profiles on found.profile_id = profiles.profile_id
    left join profile_consents as consents
        on
            found.profile_id = consents.profile_id
            and found.channel = consents.channel
            and found.purpose = consents.purpose
    where
        {IS_CUSTOMER}
        and if(
            found.purpose = 'service',
            coalesce(consents.state, 'unknown') <> 'refused',
            coalesce(consents.is_contactable, false)
        )
    order by found.expires_at, found.profile_id, found.moment_id
"""
