"""What a resolution looked like in numbers: how pairs scored, how much evidence a record holds about itself."""

from dataclasses import dataclass

import duckdb

from identity.limits import Limits, threshold_weight
from identity.model.trained_model import TrainedModel
from identity.scoring.match_weights import create_weighed_pairs
from identity.scoring.scoring import score_pairs

# Enough for shares to the half per cent
_SAMPLE_UNITS = 10_000
_MIN_BITS, _MAX_BITS = -40, 40


@dataclass(frozen=True)
class Figures:
    """Counts by match weight, in whole bits rounded down and kept within -40 and 40.

    pairs_by_weight: the pairs that were weighed. units_by_own_weight: a sample of units (exact duplicates count once),
    each weighed against itself, by (bits, is_sparse): no other record can agree with one more than it does itself.
    unlinkable_share: the part of that sample whose own weight stays below a link (0..1); None without units.
    """

    pairs_by_weight: dict[int, int]
    units_by_own_weight: dict[tuple[int, bool], int]
    unlinkable_share: float | None


def collect_figures(work: duckdb.DuckDBPyConnection, model: TrainedModel, limits: Limits) -> Figures:
    """Collect the figures of a resolution from tables `weighed_pairs` and `units`."""
    pairs = work.execute(f"select {_BITS}, count(*) from weighed_pairs group by 1 order by 1").fetchall()
    work.execute(
        """
        create table own_pairs as
        select unit as join_key_l, unit as join_key_r, '' as match_key
        from units
        order by md5(cast(unit as varchar)), unit
        limit $sample
        """,
        {"sample": _SAMPLE_UNITS},
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
    weak = "select avg(if(match_weight < $least, 1.0, 0.0)) from weighed_own_pairs"
    share = work.execute(weak, {"least": threshold_weight(limits.link_probability)}).fetchall()[0][0]
    return Figures(dict(pairs), {(bits, is_sparse): count for bits, is_sparse, count in own}, share)


_BITS = f"cast(floor(least(greatest(match_weight, {_MIN_BITS}), {_MAX_BITS})) as integer)"
