"""The events of profiles: what a run created, merged, split and retired, and what brought it about.

Events are created (profile_id is new), merged (other_profile_id became part of profile_id), split (records of
profile_id went to other_profile_id), retired (profile_id lost its last record and redirects to null) and kept (a
record of profile_id changed everything at once and stayed by its key).
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from identity.schemas import OUTPUT_SCHEMAS

# Neither a new model nor the decision of a person has to do with these
_OWN_CAUSES = ("new_records", "no_records_left", "same_record_key", "record_changed_everything")


@dataclass(frozen=True)
class _Decided:
    """A decision that changed the profiles of its two records, with their profiles before and now."""

    override_id: str
    decision: str
    decided_by: str | None
    why: str | None
    before: frozenset[str]
    now: frozenset[str]

    def rank(self, old: str, new: str) -> int:
        """How well it explains that records went from one profile to another; 0 for not at all."""
        if old not in self.before:
            return 0
        if new in self.now:
            return 2
        # a division leaves further parts, which hold neither of the two records
        return int(len(self.before) == 1)


def events_table(work: duckdb.DuckDBPyConnection, run_id: str, moment: datetime, cause: str | None) -> pa.Table:
    """One row per profile that this run created, merged, split or retired; see assign_profile_ids.

    Args:
        work: with `moves`, `previous`, `clusters`, `cluster_profiles`, `replaced` and `decisions`.
        run_id: the run.
        moment: the time of the run (UTC).
        cause: the cause of all that the evidence changes if it is not the records.

    Returns:
        The events in the shape of OUTPUT_SCHEMAS['profile_events'], in the order of their types and profiles.
    """
    decided = [
        _Decided(override_id, decision, by, why, frozenset(before), frozenset(now))
        for override_id, decision, by, why, before, now in work.execute(_DECIDED_SQL).fetchall()
    ]
    events = []
    for kind, profile, other, own_cause, origins in work.execute(_EVENTS_SQL).fetchall():
        moved = _moved(kind, profile, other, origins)
        decision = _best(decided, moved) if own_cause not in _OWN_CAUSES else None
        general = cause if own_cause not in _OWN_CAUSES else None
        named = _cause_of(decision) if decision else general or own_cause
        events.append(
            {
                "event_id": _event_id(run_id, kind, profile, other, general),
                "event_type": kind,
                "profile_id": profile,
                "other_profile_id": other,
                "cause": named,
                "override_id": decision and decision.override_id,
                "decided_by": decision and decision.decided_by,
                "decision_reason": decision and decision.why,
                "run_id": run_id,
                "occurred_at": moment,
            }
        )
    return pa.Table.from_pylist(events, schema=OUTPUT_SCHEMAS["profile_events"])


def _event_id(run_id: str, kind: str, profile: str, other: str | None, cause: str | None) -> str:
    # a run that is repeated gives the same event ids
    return hashlib.sha256("|".join([run_id, kind, profile, other or "", cause or ""]).encode()).hexdigest()[:32]


def _moved(kind: str, profile: str, other: str | None, origins: Iterable[str]) -> list[tuple[str, str]]:
    if kind in ("retired", "kept"):
        return []
    if kind == "merged":
        return [(str(other), profile)]
    if kind == "split":
        return [(profile, str(other))]
    return [(origin, profile) for origin in origins]


def _best(decided: Iterable[_Decided], moved: Iterable[tuple[str, str]]) -> _Decided | None:
    moves = list(moved)
    ranked = ((max((one.rank(*move) for move in moves), default=0), one) for one in decided)
    found = [(rank, one) for rank, one in ranked if rank]
    return min(found, key=lambda pair: (-pair[0], pair[1].override_id))[1] if found else None


def _cause_of(decision: _Decided) -> str:
    return decision.decision if decision.decision.startswith("withdrawn") else f"override_{decision.decision}"


# A link explains that two profiles became one, a separation that one became two; withdrawn they do the opposite
_DECIDED_SQL = """
with members as (
    select person_record_id, profile_id
    from clusters
    inner join cluster_profiles using (cluster_id)
)

select
    decisions.override_id,
    decisions.decision,
    decisions.decided_by,
    decisions.why,
    [left_before.profile_id, right_before.profile_id],
    [left_now.profile_id, right_now.profile_id]
from decisions
inner join previous as left_before on decisions.person_record_id_left = left_before.person_record_id
inner join previous as right_before on decisions.person_record_id_right = right_before.person_record_id
inner join members as left_now on decisions.person_record_id_left = left_now.person_record_id
inner join members as right_now on decisions.person_record_id_right = right_now.person_record_id
where if(
    decisions.decision in ('must_link', 'withdrawn_cannot_link'),
    left_before.profile_id <> right_before.profile_id and left_now.profile_id = right_now.profile_id,
    left_before.profile_id = right_before.profile_id and left_now.profile_id <> right_now.profile_id
)
order by decisions.override_id
"""

_EVENTS_SQL = """
with created as (
    select
        'created' as event_type,
        cluster_profiles.profile_id,
        null as other_profile_id,
        case
            when count(previous.profile_id) = 0 then 'new_records'
            when count(previous.profile_id) = count(replaced.person_record_id) then 'record_changed_everything'
            else 'records_left_another_profile'
        end as cause,
        coalesce(list(distinct previous.profile_id) filter (previous.profile_id is not null), []) as origins
    from cluster_profiles
    inner join clusters using (cluster_id)
    left join previous using (person_record_id)
    left join replaced using (person_record_id)
    where is_new
    group by cluster_profiles.profile_id
),

merged as (
    select 'merged', profile_id, old_profile_id, 'evidence_links_their_records', []
    from moves
    where not is_living and rank = 1 and profile_id is not null
),

split as (
    select
        'split',
        old_profile_id,
        profile_id,
        if(is_replaced, 'record_changed_everything', 'evidence_no_longer_links_their_records'),
        []
    from moves
    where profile_id is not null and profile_id <> old_profile_id and (is_living or rank > 1)
),

retired as (
    select 'retired', old_profile_id, null, 'no_records_left', []
    from moves
    where not is_living and rank = 1 and profile_id is null
),

kept as (
    select distinct 'kept', profile_id, null, 'same_record_key', []
    from replaced
    inner join previous using (person_record_id)
    inner join clusters using (person_record_id)
    inner join cluster_profiles using (cluster_id, profile_id)
    where is_kept
)

select * from created
union all select * from merged
union all select * from split
union all select * from retired
union all select * from kept
order by 1, 2, 3
"""
