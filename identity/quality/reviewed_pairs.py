"""The closest calls for people to answer, and what their answers say about the model."""

import math
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from identity.limits import Limits, threshold_weight

ANSWERS = ("same", "different", "unsure")
_Z_95 = 1.959964


@dataclass(frozen=True)
class Share:
    """A share of answers with its 95 per cent interval (0..1); without any answer the interval is the whole range."""

    hits: int
    count: int

    @property
    def value(self) -> float | None:
        """The share itself; None without answers."""
        return self.hits / self.count if self.count else None

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's score interval (Wilson 1927), which holds for few answers and for shares near 0 and 1."""
        if not self.count:
            return 0.0, 1.0
        share, spread = self.hits / self.count, _Z_95**2 / self.count
        centre = (share + spread / 2) / (1 + spread)
        half = math.sqrt(share * (1 - share) * spread + spread**2 / 4) / (1 + spread)
        return max(0.0, centre - half), min(1.0, centre + half)


@dataclass(frozen=True)
class ReviewedPairs:
    """What the model decides about pairs that people answered; unsure answers count nowhere.

    precision: of the pairs that the model links, those of one person. recall: of the pairs of one person, those that
    the model links. Both are about the reviewed pairs, the hardest there are, and not about all.
    linked_probability is the mean probability that the model gives to the linked ones, unlinked_same and
    unlinked_probability the same on the other side: a well calibrated model keeps both within the intervals.
    """

    precision: Share
    recall: Share
    linked_probability: float | None
    unlinked_same: Share
    unlinked_probability: float | None

    @property
    def is_overconfident(self) -> bool:
        """Whether the model believes in its links more than the answers bear out."""
        return self.linked_probability is not None and self.linked_probability > self.precision.interval[1]

    @property
    def is_too_careful(self) -> bool:
        """Whether more of the pairs that the model leaves apart are one person than it says."""
        return self.unlinked_probability is not None and self.unlinked_probability < self.unlinked_same.interval[0]


def closest_calls(
    edges: pa.Table, assignments: pa.Table, answered: pa.Table, count: int, limits: Limits | None = None
) -> pa.Table:
    """One row per pair to be answered, at most `count`: the nearest to the link threshold, from both sides in turn.

    Of each two profiles one pair is asked, on each side, so that every answer teaches something else.
    answered: pairs (person_record_id_left, person_record_id_right) that are not asked again, in any order.
    Columns: those two, match_probability, match_weight, is_linked (whether the weight is enough), comparison_levels,
    model_version.
    """
    limits = limits or Limits()
    with duckdb.connect() as work:
        work.register("edges", edges)
        work.register("assignments", assignments)
        work.register("answered", answered)
        threshold = threshold_weight(limits.link_probability)
        return work.execute(_CLOSEST_SQL, {"threshold": threshold, "count": count}).to_arrow_table()


_CLOSEST_SQL = """
with asked as (
    select least(person_record_id_left, person_record_id_right) as a, greatest(
        person_record_id_left, person_record_id_right) as b
    from answered
),

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
    anti join asked
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


def judge(labels: pa.Table, edges: pa.Table, limits: Limits | None = None) -> ReviewedPairs:
    """Hold the model's decisions against answers; the decision is the weight alone, whatever overrides say.

    labels: person_record_id_left, person_record_id_right, answer (see ANSWERS), match_weight when it was answered,
    which counts where `edges` no longer has the pair.
    """
    limits = limits or Limits()
    with duckdb.connect() as work:
        work.register("labels", labels)
        work.register("edges", edges)
        row = work.execute(_JUDGED_SQL, {"threshold": threshold_weight(limits.link_probability)}).fetchall()[0]
    linked, linked_same, linked_probability, unlinked, unlinked_same, unlinked_probability = row
    return ReviewedPairs(
        precision=Share(linked_same, linked),
        recall=Share(linked_same, linked_same + unlinked_same),
        linked_probability=linked_probability,
        unlinked_same=Share(unlinked_same, unlinked),
        unlinked_probability=unlinked_probability,
    )


_JUDGED_SQL = """
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
