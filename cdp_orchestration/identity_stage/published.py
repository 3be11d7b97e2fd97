"""What readers last saw of identities: the live release, against which profile ids are decided.

A decision that no release shows (a gate refused it, the run was killed, the stage was materialized by hand, a newer
model decided in the same sync) is no previous decision: its new ids are used again, and nothing else of it counts.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from cdp_orchestration.identity_stage.tables import create_identity_tables
from cdp_orchestration.release.integrity import require_sound
from cdp_orchestration.release.reader import Release
from cdp_orchestration.release.times import warehouse_rows
from identity import CLUSTERS, OUTPUT_SCHEMAS, PLATFORM_MAPPING
from identity.prepare.records import LIST_FIELDS

_DATES = ("date_of_birth",)

# The tables of a release that are read; a table of this stage may be published under another name
_PUBLISHED_AS = {"profile_assignments": "profile_records"}
_SCHEMAS = {
    **{name: OUTPUT_SCHEMAS[name] for name in ("profile_assignments", "profile_redirects", "profile_events")},
    "match_edges": OUTPUT_SCHEMAS["match_edges"],
    "person_record_values": pa.schema(
        [
            (name, pa.list_(pa.string()) if name in LIST_FIELDS else pa.date32() if name in _DATES else pa.string())
            for name in PLATFORM_MAPPING.columns()
        ]
    ),
}
CONTINUED = frozenset(_PUBLISHED_AS.get(table, table) for table in _SCHEMAS)
"""The published tables from which ids, redirects and events of profiles continue."""
_SQL_TYPES = {
    pa.string(): "varchar",
    pa.float64(): "double",
    pa.bool_(): "boolean",
    pa.date32(): "date",
    pa.timestamp("us"): "timestamp",
}


@dataclass(frozen=True)
class ToDecide:
    """The records whose profile ids are decided, and what is known of them.

    Attributes:
        records: one row (person_record_id) per record; None for all.
        clusters: their clusters now; see CLUSTERS.
        published: their profile_assignments in the live release.
        unpublished: their stored profile_assignments.
        redirects: all profile_redirects of the live release.
    """

    records: pa.Table | None
    clusters: pa.Table
    published: pa.Table
    unpublished: pa.Table
    redirects: pa.Table


@contextmanager
def published_views(connection: duckdb.DuckDBPyConnection, release: Release | None) -> Iterator[None]:
    """Offer the identity tables of a release as temporary views ``published_<table>``, empty without a release.

    Args:
        connection: the warehouse.
        release: the live release; one that an older version cut may lack columns, which are null then.

    Yields:
        Nothing. DamagedReleaseError, where one of these files is not what was published.
    """
    if release is not None:
        require_sound(release, CONTINUED)
    for table in _SCHEMAS:
        connection.execute(f"create or replace temp view published_{table} as {_published_sql(table, release)}")
    try:
        yield
    finally:
        for table in _SCHEMAS:
            connection.execute(f"drop view if exists temp.published_{table}")


def _published_sql(table: str, release: Release | None) -> str:
    entry = release.manifest["tables"].get(_PUBLISHED_AS.get(table, table)) if release else None
    known = {column["name"] for column in entry["columns"]} if entry else set()
    columns = ", ".join(
        f"cast({field.name if field.name in known else 'null'} as {_sql_type(field.type)}) as {field.name}"
        for field in _SCHEMAS[table]
    )
    if release is None or entry is None:
        return f"select {columns} where false"
    return f"select {columns} from ({warehouse_rows(release.folder / entry['file'], entry['columns'])})"


def _sql_type(kind: pa.DataType) -> str:
    return f"{_SQL_TYPES[kind.value_type]}[]" if pa.types.is_list(kind) else _SQL_TYPES[kind]


def to_decide(connection: duckdb.DuckDBPyConnection, clusters: pa.Table, touched: pa.Table | None) -> ToDecide:
    """Return what the decision about profile ids needs, within ``published_views``.

    That is every record that was resolved, every record that is stored in another profile than readers saw, and all
    records that share a profile with one of them, so that no profile is decided in part.

    Args:
        connection: the warehouse.
        clusters: the clusters of the records that were resolved; see CLUSTERS.
        touched: these records and the deleted ones (person_record_id); None for all.

    Returns:
        The records, with their clusters now and their profiles before.
    """
    create_identity_tables(connection)
    redirects = _fetch(connection, "select * from published_profile_redirects")
    if touched is None:
        published = _fetch(connection, "select * from published_profile_assignments")
        unpublished = _fetch(connection, "select * from identity.profile_assignments")
        return ToDecide(None, clusters, published, unpublished, redirects)
    connection.register("_touched", touched)
    connection.execute(f"create or replace temp table _to_decide as {_TO_DECIDE_SQL}")
    among = "semi join _to_decide using (person_record_id)"
    unchanged = _fetch(connection, _UNCHANGED_SQL).cast(CLUSTERS)
    found = ToDecide(
        _fetch(connection, "select * from _to_decide order by person_record_id"),
        pa.concat_tables([clusters, unchanged]),
        _fetch(connection, f"select * from published_profile_assignments {among}"),
        _fetch(connection, f"select * from identity.profile_assignments {among}"),
        redirects,
    )
    connection.execute("drop table temp._to_decide")
    connection.unregister("_touched")
    return found


def assignments_now(connection: duckdb.DuckDBPyConnection, assignments: pa.Table, decided: pa.Table | None) -> pa.Table:
    """Return the profile_assignments of all records as a decision leaves them, before it is stored.

    Args:
        connection: the warehouse.
        assignments: those of the decided records.
        decided: the decided records (person_record_id); None for all.

    Returns:
        These, and the stored ones of all other records.
    """
    if decided is None:
        return assignments
    connection.register("_decided", decided)
    others = _fetch(
        connection, "select * from identity.profile_assignments anti join _decided using (person_record_id)"
    )
    connection.unregister("_decided")
    return pa.concat_tables([assignments, others.cast(assignments.schema)])


def _fetch(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    return connection.execute(query).to_arrow_table()


# A record that is not in `moved` is stored in the profile that readers saw, so that one step reaches all of them
_TO_DECIDE_SQL = """
with moved as (
    select person_record_id from _touched
    union
    select coalesce(stored.person_record_id, published.person_record_id)
    from identity.profile_assignments as stored
    full join published_profile_assignments as published
        on stored.person_record_id = published.person_record_id
    where stored.profile_id is distinct from published.profile_id
),

profiles as (
    select profile_id from identity.profile_assignments semi join moved using (person_record_id)
    union
    select profile_id from published_profile_assignments semi join moved using (person_record_id)
)

select person_record_id from moved
union
select person_record_id from identity.profile_assignments semi join profiles using (profile_id)
"""

# The stored profile of a record that was not resolved again is its cluster
_UNCHANGED_SQL = """
select person_record_id, 'stored:' || profile_id as cluster_id, link_reason, match_probability
from identity.profile_assignments
semi join _to_decide using (person_record_id)
anti join _touched using (person_record_id)
"""
