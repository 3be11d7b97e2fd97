"""Neighbourhoods: groups of records whose clusters may depend on each other, and on no other record."""

import duckdb
import numpy as np
import pyarrow as pa

from identity.graph import connected_components
from identity.limits import Limits, threshold_weight
from identity.prepare.records import RecordMapping
from identity.workspace import quoted


def create_neighbourhoods(work: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Create table `neighbourhoods` (unit, neighbourhood): one row per unit, with the neighbourhood it belongs to.

    Units that evidence of a link or a review connects, directly or through others, are one neighbourhood. Its number is
    the hash of the key of its first record. Links, merges, assignments of sparse records and reviewed pairs never reach
    beyond one, so it can be decided alone, given which strong identifiers are conflicting. A conflicting identifier
    does not connect its holders: whether it is in conflict depends on their values, not on their clusters; see
    changed_pairs.

    Args:
        work: the workspace, with `weighed_pairs`, `override_pairs`, `deterministic_pairs`, `units`, `unit_members`.
        limits: the probabilities from which on a pair connects two units.
    """
    ties = work.execute(
        f"""
        {ties_sql(limits)}
        union all
        select left_unit, right_unit from override_pairs
        union all
        select left_unit, right_unit from deterministic_pairs
        """
    ).fetchnumpy()
    count = work.execute("select coalesce(max(unit), -1) + 1 from units").fetchall()[0][0]
    labels = connected_components(count, ties["left_unit"], ties["right_unit"])
    work.register("labels_arrow", pa.table({"unit": pa.array(np.arange(count, dtype=np.int32)), "first_unit": labels}))
    work.execute(
        """
        create table neighbourhoods as
        select units.unit, hash(firsts.person_record_id) as neighbourhood
        from units
        inner join labels_arrow using (unit)
        inner join unit_members as firsts on first_unit = firsts.record
        """
    )
    work.unregister("labels_arrow")


def ties_sql(limits: Limits) -> str:
    """SQL of the pairs of `weighed_pairs` (left_unit, right_unit) that can influence the cluster of a record.

    Two clusters are compared from tie_probability on; a sparse unit is assigned to one of the units that it matches at
    review_probability or above, weighed against strangers alone.

    Args:
        limits: these two probabilities.

    Returns:
        A select statement.
    """
    tie, review = threshold_weight(limits.tie_probability), threshold_weight(limits.review_probability)
    return f"""
        select left_unit, right_unit
        from weighed_pairs
        inner join units as l on left_unit = l.unit
        inner join units as r on right_unit = r.unit
        where match_weight >= {tie} or ((l.is_sparse or r.is_sparse) and stranger_weight >= {review})
    """


def create_row_hashes(work: duckdb.DuckDBPyConnection, mapping: RecordMapping) -> None:
    """Create table `row_hashes` (person_record_id, row_hash): one row per record, with a hash of its mapped columns."""
    work.execute(f"create table row_hashes as {row_hashes_sql(mapping)}")


def row_hashes_sql(mapping: RecordMapping) -> str:
    """SQL of the rows of `row_hashes`, from `caller_records`."""
    columns = ", ".join(quoted(name) for name in mapping.columns())
    return f"""
        select cast({quoted(mapping.key)} as varchar) as person_record_id, hash({columns}) as row_hash
        from caller_records
    """
