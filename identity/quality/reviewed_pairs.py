"""Clerical review: the pairs that are closest to the link threshold, and how the model agrees with the answers."""

import math
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from identity.limits import Limits, threshold_weight

ANSWERS = ("same", "different", "unsure")
_Z_95 = 1.959964


@dataclass(frozen=True)
class Share:
    """A share of answers with its 95 per cent interval (0..1); without answers the interval is the whole range."""

    hits: int
    count: int

    @property
    def value(self) -> float | None:
        """The share itself; None without answers."""
        return self.hits / self.count if self.count else None

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's score interval (Wilson 1927), which is valid for few answers and for shares near 0 and 1."""
        if not self.count:
            return 0.0, 1.0
        share, spread = self.hits / self.count, _Z_95**2 / self.count
        centre = (share + spread / 2) / (1 + spread)
        half = math.sqrt(share * (1 - share) * spread + spread**2 / 4) / (1 + spread)
        return max(0.0, centre - half), min(1.0, centre + half)


@dataclass(frozen=True)
class ReviewedPairs:
    """The model's decisions on reviewed pairs, the hardest pairs of all; unsure answers do not count.

    The probabilities of a well calibrated model are within the intervals of the shares.

    Attributes:
        precision: of the pairs that the model links, those of one person.
        recall: of the pairs of one person, those that the model links.
        linked_probability: the mean match probability of the linked pairs; None without any.
        unlinked_same: of the pairs that the model does not link, those of one person.
        unlinked_probability: the mean match probability of the pairs that the model does not link; None without any.
    """

    precision: Share
    recall: Share
    linked_probability: float | None
    unlinked_same: Share
    unlinked_probability: float | None

    @property
    def is_overconfident(self) -> bool:
        """Whether the model's links are less often right than their probabilities say."""
        return self.linked_probability is not None and self.linked_probability > self.precision.interval[1]

    @property
    def is_too_careful(self) -> bool:
        """Whether more of the pairs that the model does not link are one person than their probabilities say."""
        return self.unlinked_probability is not None and self.unlinked_probability < self.unlinked_same.interval[0]


def closest_calls(
    edges: pa.Table, assignments: pa.Table, answered: pa.Table, count: int, limits: Limits | None = None
) -> pa.Table:
    """The pairs that are closest to the link threshold, from both sides in turn.

    Of each two profiles one pair is selected on each side, so that every answer is about another case.

    Args:
        edges: the match_edges.
        assignments: one row (person_record_id, profile_id) per record.
        answered: pairs (person_record_id_left, person_record_id_right), in any order, that are not selected again.
        count: the greatest number of pairs.
        limits: the link threshold; None for the default.

    Returns:
        One row per pair: person_record_id_left, person_record_id_right, match_probability, match_weight, is_linked
        (whether the weight is enough for a link), comparison_levels, model_version.
    """
    limits = limits or Limits()
    with duckdb.connect() as work:
        work.register("edges", edges)
        work.register("assignments", assignments)
        work.register("answered", answered)
        threshold = threshold_weight(limits.link_probability)
        return work.execute(_CLOSEST_SQL, {"threshold": threshold, "count": count}).to_arrow_table()


def replaced_pairs(edges: pa.Table, answered: pa.Table) -> pa.Table:
    """The pairs of a record that changed everything at once and one of the profile that it had before.

    Args:
        edges: the match_edges.
        answered: pairs (person_record_id_left, person_record_id_right), in any order, that are not selected again.

    Returns:
        One row per pair, those first that were kept apart: as of closest_calls, with reason and kept_apart_by.
    """
    with duckdb.connect() as work:
        work.register("edges", edges)
        work.register("answered", answered)
        return work.execute(_REPLACED_SQL).to_arrow_table()


_ANSWERED_SQL = """
with answered_pairs as (
    select
        least(person_record_id_left, person_record_id_right) as a,
        greatest(person_record_id_left, person_record_id_right) as b
    from answered
)
"""

_REPLACED_SQL = f"""
{_ANSWERED_SQL}

select
    person_record_id_left,
    person_record_id_right,
    match_probability,
    match_weight,
    is_used as is_linked,
    comparison_levels,
    model_version,
    reason,
    kept_apart_by
from edges
anti join answered_pairs
    on least(person_record_id_left, person_record_id_right) = a
    and greatest(person_record_id_left, person_record_id_right) = b
where reason = 'same_record_key'
order by is_used, person_record_id_left, person_record_id_right
"""

_CLOSEST_SQL = f"""
{_ANSWERED_SQL},

open_pairs as (
    select
        edges.*,
        match_weight >= $threshold as is_linked,
        abs(match_weight - $threshold) as distance,
        least(l.profile_id, r.profile_id) as profile_a,
        greatest(l.profile_id, r.profile_id) as profile_b
    from edges
    inner join assignments as l on person_record_id_left = l.person_record_id
    inner join assignments as r on person_record_id_right = r.person_record_id
    anti join answered_pairs
        on least(person_record_id_left, person_record_id_right) = a
        and greatest(person_record_id_left, person_record_id_right) = b
    where reason = 'probabilistic_match'
    qualify row_number() over (
        partition by profile_a, profile_b, is_linked
        order by distance, person_record_id_left, person_record_id_right
    ) = 1
),

ranked as (
    select *, row_number() over (
        partition by is_linked order by distance, person_record_id_left, person_record_id_right
    ) as rank
    from open_pairs
)

select
    person_record_id_left, person_record_id_right, match_probability, match_weight, is_linked, comparison_levels,
    model_version
from ranked
order by rank, is_linked
limit $count
"""


def evaluate_labels(labels: pa.Table, edges: pa.Table, limits: Limits | None = None) -> ReviewedPairs:
    """Compare the model's decisions with the answers; the weight alone decides, overrides do not count.

    Args:
        labels: one row per answered pair: person_record_id_left, person_record_id_right, answer (see ANSWERS) and the
            match_weight at the time of the answer, which counts when `edges` no longer has the pair.
        edges: the match_edges.
        limits: the link threshold; None for the default.

    Returns:
        Precision, recall and the calibration on these pairs.
    """
    limits = limits or Limits()
    with duckdb.connect() as work:
        work.register("labels", labels)
        work.register("edges", edges)
        row = work.execute(_LABELS_SQL, {"threshold": threshold_weight(limits.link_probability)}).fetchall()[0]
    linked, linked_same, linked_probability, unlinked, unlinked_same, unlinked_probability = row
    return ReviewedPairs(
        precision=Share(linked_same, linked),
        recall=Share(linked_same, linked_same + unlinked_same),
        linked_probability=linked_probability,
        unlinked_same=Share(unlinked_same, unlinked),
        unlinked_probability=unlinked_probability,
    )


_LABELS_SQL = """
with weighed as (
    select
        answer = 'same' as is_same,
        coalesce(edges.match_weight, labels.match_weight) as weight,
        weight >= $threshold as is_linked,
        1 / (1 + pow(2, -weight)) as probability
    from labels
    left join edges
        on least(labels.person_record_id_left, labels.person_record_id_right)
            = least(edges.person_record_id_left, edges.person_record_id_right)
        and greatest(labels.person_record_id_left, labels.person_record_id_right)
            = greatest(edges.person_record_id_left, edges.person_record_id_right)
    where answer in ('same', 'different') and coalesce(edges.match_weight, labels.match_weight) is not null
)

select
    count(*) filter (is_linked),
    count(*) filter (is_linked and is_same),
    avg(probability) filter (is_linked),
    count(*) filter (not is_linked),
    count(*) filter (not is_linked and is_same),
    avg(probability) filter (not is_linked)
from weighed
"""
