"""People without activity for longer than the home keeps them: who is due, and their erasure like any other."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import duckdb

from cdp_orchestration.home.retention import KeptPeople
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.privacy.erasing import begin_erasure
from cdp_orchestration.privacy.finding import closure_of
from cdp_orchestration.privacy.requests import Pending, today
from cdp_orchestration.release.reader import require_live_release

REASON = "no activity for longer than retention.yml keeps"


@dataclass(frozen=True)
class Due:
    """A profile that is due: its kind (customers, contacts or visitors), and when it was last seen, in UTC."""

    profile_id: str
    kind: str
    last_seen_at: datetime


def due_profiles(settings: Settings, kept: KeptPeople) -> list[Due]:
    """Return the profiles of the live release that no one has seen for longer than they are kept.

    Days are counted back from the newest thing that has landed, so that a wrong clock makes no one due.

    Args:
        settings: the home.
        kept: for how many days each kind is kept; None for ever.

    Returns:
        The profiles, those first that were not seen for longest. NoReleaseError where nothing has been published.
    """
    days = {kind: number for kind, number in kept.model_dump().items() if number is not None}
    if not days:
        return []
    with require_live_release(settings.releases).connect() as release:
        return [Due(*row) for row in _due(release, days)]


def _due(release: duckdb.DuckDBPyConnection, days: dict[str, int]) -> list[tuple[str, str, datetime]]:
    limits = " ".join(f"when '{kind}' then {number}" for kind, number in days.items())
    return release.execute(
        f"""
        with kinds as (
            select
                profile_id,
                last_seen_at,
                case
                    when profiles.is_anonymous then 'visitors'
                    when coalesce(order_count, 0) > 0 then 'customers'
                    else 'contacts'
                end as kind
            from profiles
            left join profile_metrics using (profile_id)
        )

        select profile_id, kind, last_seen_at
        from kinds
        cross join as_of
        where last_seen_at < as_of_at - to_days(case kind {limits} end)
        order by last_seen_at, profile_id
        """
    ).fetchall()


def begin_due(settings: Settings, due: Iterable[Due], by: str) -> list[Pending]:
    """Begin the erasure of profiles that are due; the caller holds the writer's lock.

    Args:
        settings: the home.
        due: the profiles.
        by: who starts it.

    Returns:
        The pending erasures; the id of each request has the day and the profile.
    """
    now = today()
    beginning = f"retention-{now:%Y%m%d}"
    return [
        begin_erasure(
            settings, closure_of(settings, each.profile_id), f"{beginning}-{each.profile_id}", by, REASON, now
        )
        for each in due
    ]
