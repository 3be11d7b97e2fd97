"""The rule of profile ids between two releases, worked out from what readers see and from nothing else."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Seen:
    """What readers see of identities in one release.

    Attributes:
        profiles: the profile of each record.
        firsts: the first profile of each record.
        redirects: where each former profile id leads.
        events: the event_type, profile_id and other_profile_id of each event.
    """

    profiles: Mapping[str, str] = field(default_factory=dict)
    firsts: Mapping[str, str] = field(default_factory=dict)
    redirects: Mapping[str, str | None] = field(default_factory=dict)
    events: tuple[tuple[str, str, str | None], ...] = ()


def assert_ids_follow_the_rule(before: Seen, after: Seen) -> None:
    """Check every record, every id and every event between two consecutive releases."""
    old, new = before.profiles, after.profiles
    shares = Counter((old[record], new[record]) for record in old.keys() & new.keys())
    living, seen = set(new.values()), set(old.values()) | before.redirects.keys()
    for (profile, now), share in shares.items():
        # the cluster has another previous id with which it shares as many, or the id went to one that shares as many
        has_better = shares[now, now] > share or (shares[now, now] == share and now < profile)
        assert profile == now or has_better or shares[profile, profile] >= share
    for profile in living & set(old.values()):
        assert shares[profile, profile] > 0
    for profile in living & seen - set(old.values()):
        assert profile in {after.firsts[record] for record, now in new.items() if now == profile and record in old}
    _assert_redirects_lead_on(before, after, shares)
    _assert_events_show_all(before, after, shares)


def _assert_redirects_lead_on(before: Seen, after: Seen, shares: "Counter[tuple[str, str]]") -> None:
    living, ids = set(after.profiles.values()), set(before.profiles.values())
    assert after.redirects.keys() == (ids | before.redirects.keys()) - living
    assert {target for target in after.redirects.values() if target} <= living
    for profile in ids - living:
        most = max((share for (former, _), share in shares.items() if former == profile), default=0)
        assert shares[profile, after.redirects[profile] or ""] == most


def _assert_events_show_all(before: Seen, after: Seen, shares: "Counter[tuple[str, str]]") -> None:
    living, ids = set(after.profiles.values()), set(before.profiles.values())
    events = Counter(after.events) - Counter(before.events)
    shown = {(profile, other) for kind, profile, other in events if kind == "split"}
    shown |= {(other, profile) for kind, profile, other in events if kind == "merged"}
    assert shown == {pair for pair in shares if pair[0] != pair[1]}
    created = {profile for kind, profile, _ in events if kind == "created"}
    assert created == living - ids - before.redirects.keys()
    retired = {profile for kind, profile, _ in events if kind == "retired"}
    assert retired == {profile for profile in ids - living if not after.redirects[profile]}
    assert not Counter(before.events) - Counter(after.events)
