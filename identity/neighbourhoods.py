"""Neighbourhoods: the records whose fate may hang on each other, and no others."""

import duckdb
import numpy as np
import pyarrow as pa

from identity.clustering import connected_components
from identity.components import threshold_weight
from identity.limits import Limits
from identity.records import RecordMapping
from identity.workspace import quoted


def create_neighbourhoods(work: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Create table `neighbourhoods` (unit, neighbourhood): units that any evidence of link or review ties together.

    A neighbourhood bears the key of its first record. Clusters, attachments and disputes never reach beyond one, which
    is why it can be resolved alone. Needs the tables of a decision; see resolution.
    """
    ties = work.execute(
        f"""
        {ties_sql(limits)}
        union all
        select left_unit, right_unit from override_pairs
        union all
        select l.unit, r.unit
        from strong_values as l
        inner join strong_values as r
            on l.identifier_type = r.identifier_type and l.value = r.value and l.unit < r.unit
        """
    ).fetchnumpy()
    count = work.execute("select coalesce(max(unit), -1) + 1 from units").fetchall()[0][0]
    labels = connected_components(count, ties["left_unit"], ties["right_unit"])
    work.register("labels_arrow", pa.table({"unit": pa.array(np.arange(count, dtype=np.int32)), "first_unit": labels}))
    work.execute(
        """
        create table neighbourhoods as
        select units.unit, firsts.person_record_id as neighbourhood
        from units
        inner join labels_arrow using (unit)
        inner join unit_members as firsts on first_unit = firsts.record
        """
    )
    work.unregister("labels_arrow")


def ties_sql(limits: Limits) -> str:
    """SQL for the pairs of `weighed_pairs` that can matter to where a record belongs (left_unit, right_unit).

    A bare unit looks for its owner among all who are more than strangers to it.
    """
    least = threshold_weight(min(limits.link_probability, limits.review_probability, limits.tie_probability))
    return f"""
        select left_unit, right_unit
        from weighed_pairs
        inner join units as l on left_unit = l.unit
        inner join units as r on right_unit = r.unit
        where match_weight >= {least} or ((l.is_bare or r.is_bare) and stranger_weight >= {least})
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
