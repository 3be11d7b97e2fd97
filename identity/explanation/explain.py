"""Why two records (or two groups of records) are one profile, or why not: stored links first, then the model again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from identity.errors import IdentityError
from identity.explanation.link_paths import Link, holding_links, links_of, strongest_path
from identity.explanation.non_matches import decided_apart, refusal
from identity.explanation.pair_weights import weigh_pairs
from identity.explanation.weighed_pair import WeighedPair
from identity.limits import Limits, threshold_weight
from identity.model.trained_model import TrainedModel
from identity.prepare.records import PLATFORM_MAPPING, RecordMapping
from identity.schemas import OVERRIDES
from identity.scoring.blocking import blocking_rules

# Beyond this, weighing every pair between two groups is no longer a matter of seconds
MAX_GROUP = 200
_CLOSEST_SHOWN = 5


@dataclass(frozen=True)
class Evidence:
    """What a resolution left about some profiles; tables as in OUTPUT_SCHEMAS, records as the caller handed them in.

    person_records, assignments and edges hold at least all records of the profiles in question; edges also those to
    other profiles that an override speaks of. shared_identifiers holds those of the whole population.
    """

    person_records: pa.Table
    assignments: pa.Table
    edges: pa.Table
    shared_identifiers: pa.Table
    model: TrainedModel
    mapping: RecordMapping = PLATFORM_MAPPING
    limits: Limits = field(default_factory=Limits)

    @property
    def overrides(self) -> pa.Table:
        """The decisions of people that the resolution obeyed, as the edges tell them; see OVERRIDES."""
        rows = [
            {**{name: row[name] for name in OVERRIDES.names if name in row}, "decision": decision}
            for row in self.edges.to_pylist()
            for decision in ("must_link", "cannot_link")
            if decision in (row["reason"], row["kept_apart_by"])
        ]
        return pa.Table.from_pylist(rows, schema=OVERRIDES)

    def profile_of(self, record: str) -> str:
        """The profile that a record belongs to; raises IdentityError when the record is not part of the evidence."""
        keys = self.assignments.column("person_record_id").to_pylist()
        if record not in keys:
            raise IdentityError(f"No record {record} among the {len(keys)} of the evidence; give one of them.")
        return str(self.assignments.column("profile_id")[keys.index(record)].as_py())

    def records_of(self, profiles: Iterable[str]) -> list[str]:
        """The records of some profiles, in order."""
        wanted = set(profiles)
        return sorted(row["person_record_id"] for row in self.assignments.to_pylist() if row["profile_id"] in wanted)


@dataclass(frozen=True)
class Explanation:
    """The answer. verdict: one_profile, decided, divided, over_limit, fits_two, no_owner, too_weak or never_compared.

    reasons: whole sentences, the most important first. links: for one profile the path between two records, or what
    holds a group together; each with its weighed pair, but for exact duplicates. closest: for two profiles the pairs
    between them that agree most, the closest first; for one the pair itself, where the path takes another way.
    conflict: the pair that speaks most against one person, if any. missed_rules: for a pair that nothing brings
    together, the blocking rules there are.
    """

    is_one_profile: bool
    verdict: str
    reasons: tuple[str, ...]
    links: tuple[tuple[Link, WeighedPair | None], ...] = ()
    closest: tuple[WeighedPair, ...] = ()
    conflict: WeighedPair | None = None
    missed_rules: tuple[str, ...] = ()


def explain(evidence: Evidence, left: Sequence[str], right: Sequence[str]) -> Explanation:
    """Explain two groups of records, each within one profile (a single record is a group of one).

    Raises IdentityError when a group is empty, lies in several profiles, or is larger than MAX_GROUP.
    """
    profiles = [_only_profile(evidence, group) for group in (left, right)]
    if profiles[0] == profiles[1]:
        return _one_profile(evidence, left, right)
    return _two_profiles(evidence, left, right)


def _only_profile(evidence: Evidence, group: Sequence[str]) -> str:
    profiles = sorted({evidence.profile_of(record) for record in group})
    if len(profiles) != 1 or len(group) > MAX_GROUP:
        raise IdentityError(
            f"Expected a group of 1 to {MAX_GROUP} records of one profile, found {len(group)} records in "
            f"{len(profiles)} profiles; name a single record instead."
        )
    return profiles[0]


def _one_profile(evidence: Evidence, left: Sequence[str], right: Sequence[str]) -> Explanation:
    links = links_of(evidence.edges.to_pylist())
    if len(left) > 1 or len(right) > 1:
        inside = set(left) | set(right)
        held = holding_links(link for link in links if {link.left, link.right} <= inside)
        reason = f"One profile, held together by {len(held)} link(s)."
        return Explanation(True, "one_profile", (reason,), _told(evidence, held))
    if left[0] == right[0]:
        return Explanation(True, "one_profile", ("Both are the same record.",))
    path = strongest_path(links, left[0], right[0])
    direct = () if len(path) == 1 else tuple(_weigh(evidence, [(left[0], right[0])]).values())
    return Explanation(True, "one_profile", (_path_reason(path),), _told(evidence, path), direct)


def _told(evidence: Evidence, links: Sequence[Link]) -> tuple[tuple[Link, WeighedPair | None], ...]:
    pairs = _weigh(evidence, [(link.left, link.right) for link in links if link.match_weight is not None])
    return tuple((link, pairs.get((link.left, link.right))) for link in links)


def _path_reason(path: Sequence[Link]) -> str:
    if not path:
        return "One profile, though no chain of links leads from one to the other: the whole group was joined."
    weakest = min(path, key=lambda link: link.strength)
    steps = "linked directly" if len(path) == 1 else f"linked in {len(path)} steps"
    told = f"One profile: {steps}; the weakest link has probability {weakest.match_probability or 0:.4f}."
    if any(link.reason == "joined_clusters" for link in path):
        told += " Their groups were joined by the evidence of all their records together."
    if any(link.reason == "must_link" for link in path):
        told += " Somebody decided that they are one."
    return told


def _two_profiles(evidence: Evidence, left: Sequence[str], right: Sequence[str]) -> Explanation:
    whole = [evidence.records_of([evidence.profile_of(group[0])])[:MAX_GROUP] for group in (left, right)]
    # the records that were asked for are in it even where the profile is too large to be weighed as a whole
    groups = [sorted({*asked, *all_of}) for asked, all_of in zip((left, right), whole, strict=True)]
    weighed = _weigh(evidence, [(a, b) for a in groups[0] for b in groups[1]])
    stored = _StoredLinks(evidence.edges)
    asked = [pair for pair in weighed.values() if pair.left in left and pair.right in right]
    ranked = sorted(asked, key=lambda pair: (-_closeness(pair, stored), pair.left, pair.right))
    against = min(weighed.values(), key=lambda pair: (pair.conflict_weight, pair.left, pair.right))
    conflict = against if against.conflict_weight < 0 else None
    verdict, reasons = refusal(ranked[0], conflict, stored.between(ranked[0]), evidence.limits)
    parted = stored.decided_apart(groups[0], groups[1])
    if parted:
        # a decision divides without any pair that speaks against one person
        others = () if verdict == "divided" and conflict is None else reasons
        verdict, reasons = "decided", (decided_apart(parted), *others)
    missed = tuple(blocking_rules()) if verdict == "never_compared" and not ranked[0].met_by else ()
    return Explanation(False, verdict, reasons, (), tuple(ranked[:_CLOSEST_SHOWN]), conflict, missed)


class _StoredLinks:
    """The rows of `match_edges` by pair of records; an exact duplicate is sought under the record it is tied to."""

    def __init__(self, edges: pa.Table) -> None:
        links = links_of(edges.to_pylist())
        self._stands_for = {link.right: link.left for link in links if link.reason == "exact_duplicate"}
        self._links = {frozenset((link.left, link.right)): link for link in links}

    def between(self, pair: WeighedPair) -> Link | None:
        """The link between two records, whether it is used or not."""
        ends = frozenset((pair.left, pair.right))
        return self._links.get(ends) or self._links.get(frozenset(self._stands_for.get(end, end) for end in ends))

    def decided_apart(self, left: Sequence[str], right: Sequence[str]) -> Link | None:
        """The first decision that a record of the one group and one of the other are two people."""
        found = (
            link
            for ends, link in self._links.items()
            if link.kept_apart_by == "cannot_link" and ends & set(left) and ends & set(right)
        )
        return min(found, key=lambda link: (link.left, link.right), default=None)


def _closeness(pair: WeighedPair, stored: _StoredLinks) -> float:
    link = stored.between(pair)
    is_by_rule = link is not None and link.reason != "probabilistic_match"
    return pair.match_weight + (threshold_weight(0.999999) if is_by_rule else 0.0)


def _weigh(evidence: Evidence, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], WeighedPair]:
    wanted = list(pairs)
    if not wanted:
        return {}
    return weigh_pairs(
        evidence.person_records,
        evidence.mapping,
        wanted,
        evidence.model,
        evidence.shared_identifiers,
        evidence.overrides,
    )
