"""How good a clustering is against known truth: exact, in time linear in the records."""

from dataclasses import dataclass

import duckdb
import pyarrow as pa


@dataclass(frozen=True)
class Evaluation:
    """Pairwise and B-cubed precision, recall and F1 (0..1), over the records that are in both tables."""

    record_count: int
    pairwise_precision: float
    pairwise_recall: float
    pairwise_f1: float
    b_cubed_precision: float
    b_cubed_recall: float
    b_cubed_f1: float


def evaluate(clusters: pa.Table, truth: pa.Table) -> Evaluation:
    """Compare a clustering with the truth.

    Args:
        clusters: one row (person_record_id, cluster_id) per record.
        truth: one row (person_record_id, person_id) per record.

    Returns:
        The evaluation. Precision is 1 when no pair was found, recall is 1 when there is no pair to find.
    """
    with duckdb.connect() as work:
        work.register("clusters", clusters)
        work.register("truth", truth)
        row = work.execute(_COUNTS_SQL).fetchall()[0]
    records, both, found, true, cubed_precision, cubed_recall = (value or 0 for value in row)
    precision, recall = _ratio(both, found), _ratio(both, true)
    cubed_p, cubed_r = _ratio(cubed_precision, records), _ratio(cubed_recall, records)
    return Evaluation(
        record_count=int(records),
        pairwise_precision=precision,
        pairwise_recall=recall,
        pairwise_f1=_harmonic(precision, recall),
        b_cubed_precision=cubed_p,
        b_cubed_recall=cubed_r,
        b_cubed_f1=_harmonic(cubed_p, cubed_r),
    )


# n records of one cluster and one person: n * n of B-cubed's sums, n * (n - 1) / 2 of the pairs
_COUNTS_SQL = """
with cells as (
    select cluster_id, person_id, count(*) as n
    from clusters
    inner join truth using (person_record_id)
    group by cluster_id, person_id
),

sized as (
    select
        n,
        sum(n) over (partition by cluster_id) as cluster_size,
        sum(n) over (partition by person_id) as person_size
    from cells
)

select
    sum(n),
    sum(n * (n - 1) / 2),
    sum(n * (cluster_size - 1) / 2),
    sum(n * (person_size - 1) / 2),
    sum(n * n / cluster_size),
    sum(n * n / person_size)
from sized
"""


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else 1.0


def _harmonic(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
