"""Figures of a resolution: the scores of the pairs, and the evidence within single records."""

from dataclasses import dataclass

import duckdb

from identity.limits import Limits, threshold_weight
from identity.model.trained_model import TrainedModel
from identity.scoring.match_weights import create_weighed_pairs
from identity.scoring.scoring import score_pairs

# Enough for shares to the half per cent
SAMPLE_UNITS = 10_000
_MIN_BITS, _MAX_BITS = -40, 40


@dataclass(frozen=True)
class Figures:
    """Counts by match weight, in whole bits, rounded down and limited to -40 to 40.

    Attributes:
        pairs_by_weight: the number of weighed pairs by bits.
        units_by_own_weight: the number of units of a sample by (bits, is_sparse), each unit weighed against itself: no
            other record can agree with it more. Exact duplicates count once.
        unlinkable_share: the share (0..1) of that sample whose own weight is below a link; None without units.
    """

    pairs_by_weight: dict[int, int]
    units_by_own_weight: dict[tuple[int, bool], int]
    unlinkable_share: float | None


def collect_figures(work: duckdb.DuckDBPyConnection, model: TrainedModel, limits: Limits) -> Figures:
    """The figures of a resolution, from tables `weighed_pairs` and `units`; creates table `own_pairs`."""
    pairs = work.execute(pairs_by_weight_sql("weighed_pairs")).fetchall()
    return figures_of_units(work, model, limits, dict(pairs))


def pairs_by_weight_sql(weighed: str) -> str:
    """SQL of the number of weighed pairs by their match weight in bits; such counts of several tables add up."""
    return f"select {_BITS} as bits, count(*) as pair_count from {weighed} group by 1 order by 1"


def figures_of_units(
    work: duckdb.DuckDBPyConnection, model: TrainedModel, limits: Limits, pairs_by_weight: dict[int, int]
) -> Figures:
    """The figures of a resolution whose pairs are counted, from table `units`; creates table `own_pairs`."""
    work.execute(
        """
        create table own_pairs as
        select unit as join_key_l, unit as join_key_r, '' as match_key
        from units
        order by md5(cast(unit as varchar)), unit
        limit $sample
        """,
        {"sample": SAMPLE_UNITS},
    )
    score_pairs(work, model, "own_pairs")
    create_weighed_pairs(work, model, "scored_own_pairs", "weighed_own_pairs")
    own = work.execute(
        f"""
        select {_BITS}, is_sparse, count(*)
        from weighed_own_pairs
        inner join units on left_unit = unit
        group by 1, 2
        order by 1, 2
        """
    ).fetchall()
    below = "select avg(if(match_weight < $threshold, 1.0, 0.0)) from weighed_own_pairs"
    share = work.execute(below, {"threshold": threshold_weight(limits.link_probability)}).fetchall()[0][0]
    return Figures(pairs_by_weight, {(bits, is_sparse): count for bits, is_sparse, count in own}, share)


_BITS = f"cast(floor(least(greatest(match_weight, {_MIN_BITS}), {_MAX_BITS})) as integer)"
