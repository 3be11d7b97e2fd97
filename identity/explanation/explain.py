"""Why two records (or two groups of records) are one profile or not: by stored links first, then by the model again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from identity.errors import IdentityError
from identity.explanation.link_paths import Link, links_of, spanning_links, strongest_path
from identity.explanation.non_matches import cannot_link_reason, non_match_reasons
from identity.explanation.pair_weights import weigh_pairs
from identity.explanation.weighed_pair import WeighedPair
from identity.limits import Limits, threshold_weight
from identity.model.trained_model import TrainedModel
from identity.prepare.overrides import KEPT
from identity.prepare.records import PLATFORM_MAPPING, RecordMapping
from identity.schemas import OVERRIDES
from identity.scoring.blocking import blocking_rules

# Beyond this, weighing every pair between two groups is no longer a matter of seconds
MAX_GROUP = 200
_CLOSEST_SHOWN = 5


@dataclass(frozen=True)
class Evidence:
    """The results of a resolution about some profiles.

    Attributes:
        person_records: at least all records of the profiles, in the caller's columns.
        assignments: one row (person_record_id, profile_id) per record of the profiles.
        edges: the rows of match_edges about these records; also those to records of other profiles.
        shared_identifiers: one row per suppressed identifier value of the whole population; see OUTPUT_SCHEMAS.
        model: the model that decided.
        mapping: which column of person_records holds what.
        limits: the limits of the resolution.
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
        """The overrides that the resolution applied, from the edges; see OVERRIDES."""
        rows = [
            {**{name: row[name] for name in OVERRIDES.names if name in row}, "decision": decision}
            for row in self.edges.to_pylist()
            for decision in ("must_link", KEPT, "cannot_link")
            if decision in (row["reason"], row["kept_apart_by"]) and row["kept_apart_by"] != "changed_identity"
        ]
        return pa.Table.from_pylist(rows, schema=OVERRIDES)

    def profile_of(self, record: str) -> str:
        """The profile that a record belongs to; raises IdentityError when the record is not part of the evidence."""
        keys = self.assignments.column("person_record_id").to_pylist()
        if record not in keys:
            raise IdentityError(
                f"The record {record} is not part of the evidence; expected one of its {len(keys)} records. "
                "Add the assignments of its profile to the evidence."
            )
        return str(self.assignments.column("profile_id")[keys.index(record)].as_py())

    def records_of(self, profiles: Iterable[str]) -> list[str]:
        """The records of some profiles, in order."""
        wanted = set(profiles)
        return sorted(row["person_record_id"] for row in self.assignments.to_pylist() if row["profile_id"] in wanted)


@dataclass(frozen=True)
class Explanation:
    """Why two groups of records are one profile or two.

    Attributes:
        is_one_profile: whether both groups belong to one profile.
        verdict: one_profile, decided, divided, over_limit, fits_two, no_owner, too_weak or never_compared.
        reasons: whole sentences, the most important first.
        links: for one profile the path between two records, or the links that connect a group; each with its weighed
            pair, which is None for exact duplicates.
        closest: for two profiles the pairs between them that agree most, the closest first; for one profile the pair
            itself, when the path leads through other records.
        conflict: the pair that is the strongest evidence against one person; None when there is no such evidence.
        missed_rules: all blocking rules, when the pair shares none of them.
    """

    is_one_profile: bool
    verdict: str
    reasons: tuple[str, ...]
    links: tuple[tuple[Link, WeighedPair | None], ...] = ()
    closest: tuple[WeighedPair, ...] = ()
    conflict: WeighedPair | None = None
    missed_rules: tuple[str, ...] = ()


def explain(evidence: Evidence, left: Sequence[str], right: Sequence[str]) -> Explanation:
    """Explain why two groups of records are one profile or two.

    Fails with IdentityError when a group is empty, belongs to several profiles, or is larger than MAX_GROUP.

    Args:
        evidence: the results of the resolution about the profiles of both groups.
        left: the keys of a group of records of one profile; one key is a group of one.
        right: the keys of the other group.

    Returns:
        The explanation.
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
        spanning = spanning_links(link for link in links if {link.left, link.right} <= inside)
        reason = f"One profile, connected by {len(spanning)} link(s)."
        return Explanation(True, "one_profile", (reason,), _with_pairs(evidence, spanning))
    if left[0] == right[0]:
        return Explanation(True, "one_profile", ("Both are the same record.",))
    path = strongest_path(links, left[0], right[0])
    direct = () if len(path) == 1 else tuple(_weigh(evidence, [(left[0], right[0])]).values())
    return Explanation(True, "one_profile", (_path_reason(path),), _with_pairs(evidence, path), direct)


def _with_pairs(evidence: Evidence, links: Sequence[Link]) -> tuple[tuple[Link, WeighedPair | None], ...]:
    pairs = _weigh(evidence, [(link.left, link.right) for link in links if link.match_weight is not None])
    return tuple((link, pairs.get((link.left, link.right))) for link in links)


def _path_reason(path: Sequence[Link]) -> str:
    if not path:
        return "One profile, although no chain of links leads from one to the other: their groups were merged."
    weakest = min(path, key=lambda link: link.strength)
    steps = "linked directly" if len(path) == 1 else f"linked in {len(path)} steps"
    reason = f"One profile: {steps}; the weakest link has probability {weakest.match_probability or 0:.4f}."
    if any(link.reason == "joined_clusters" for link in path):
        reason += " Their groups were merged by the evidence of all their records together."
    if any(link.reason == "must_link" for link in path):
        reason += " An override says that they are one person."
    return reason


def _two_profiles(evidence: Evidence, left: Sequence[str], right: Sequence[str]) -> Explanation:
    profiles = [evidence.records_of([evidence.profile_of(group[0])])[:MAX_GROUP] for group in (left, right)]
    # the requested records are in it even where the profile is too large to be weighed as a whole
    groups = [sorted({*group, *profile}) for group, profile in zip((left, right), profiles, strict=True)]
    weighed = _weigh(evidence, [(a, b) for a in groups[0] for b in groups[1]])
    stored = _StoredLinks(evidence.edges)
    requested = [pair for pair in weighed.values() if pair.left in left and pair.right in right]
    ranked = sorted(requested, key=lambda pair: (-_closeness(pair, stored), pair.left, pair.right))
    against = min(weighed.values(), key=lambda pair: (pair.conflict_weight, pair.left, pair.right))
    conflict = against if against.conflict_weight < 0 else None
    verdict, reasons = non_match_reasons(ranked[0], conflict, stored.between(ranked[0]), evidence.limits)
    cannot_link = stored.cannot_link(groups[0], groups[1])
    if cannot_link:
        # an override divides even where no pair is evidence against one person
        others = () if verdict == "divided" and conflict is None else reasons
        verdict, reasons = "decided", (cannot_link_reason(cannot_link), *others)
    missed = tuple(blocking_rules()) if verdict == "never_compared" and not ranked[0].met_by else ()
    return Explanation(False, verdict, reasons, (), tuple(ranked[:_CLOSEST_SHOWN]), conflict, missed)


class _StoredLinks:
    """The rows of `match_edges` by pair of records; an exact duplicate is looked up by the first record of its unit."""

    def __init__(self, edges: pa.Table) -> None:
        links = links_of(edges.to_pylist())
        self._first_of = {link.right: link.left for link in links if link.reason == "exact_duplicate"}
        self._links = {frozenset((link.left, link.right)): link for link in links}

    def between(self, pair: WeighedPair) -> Link | None:
        """The link between two records, whether it is used or not."""
        ends = frozenset((pair.left, pair.right))
        return self._links.get(ends) or self._links.get(frozenset(self._first_of.get(end, end) for end in ends))

    def cannot_link(self, left: Sequence[str], right: Sequence[str]) -> Link | None:
        """The first cannot_link override about a record of the one group and a record of the other."""
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
