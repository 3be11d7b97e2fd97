"""Neighbourhoods: the records whose fate may hang on each other, and no others."""

import duckdb
import numpy as np
import pyarrow as pa

from identity.graph import connected_components
from identity.limits import Limits, threshold_weight
from identity.prepare.records import RecordMapping
from identity.workspace import quoted


def create_neighbourhoods(work: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Create table `neighbourhoods` (unit, neighbourhood): units that evidence of a link or a review ties together.

    A neighbourhood bears the hash of the key of its first record. Links, joins, attachments and reviewed pairs never
    reach beyond one, which is why it can be decided alone, given which strong identifiers are disputed. The holders of
    such an identifier are not tied by it: what is told of it hangs on what they are, not on where they belong; see
    changed_pairs.
    Needs the tables of a decision; see resolution.
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
    """SQL for the pairs of `weighed_pairs` that can matter to where a record belongs (left_unit, right_unit).

    Clusters are held against each other from the least of these probabilities on; a bare unit looks for its owner among
    those whom a review would show if only strangers were in doubt.
    """
    least, review = threshold_weight(limits.tie_probability), threshold_weight(limits.review_probability)
    return f"""
        select left_unit, right_unit
        from weighed_pairs
        inner join units as l on left_unit = l.unit
        inner join units as r on right_unit = r.unit
        where match_weight >= {least} or ((l.is_sparse or r.is_sparse) and stranger_weight >= {review})
    """


def create_row_hashes(work: duckdb.DuckDBPyConnection, mapping: RecordMapping) -> None:
    """Create table `row_hashes` (person_record_id, row_hash): what the caller says of each record, as one number."""
    columns = ", ".join(quoted(name) for name in mapping.columns())
    work.execute(
        f"""
        create table row_hashes as
        select cast({quoted(mapping.key)} as varchar) as person_record_id, hash({columns}) as row_hash
        from caller_records
        """
    )
