"""The tables of the identity stage: all results of a resolution are stored in one transaction."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from identity import OUTPUT_SCHEMAS, ProfileChanges, Resolution

# The columns with the records that a row is about; the tables that are not here are replaced as a whole
_RECORD_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "profile_assignments": ("person_record_id",),
    "match_edges": ("person_record_id_left", "person_record_id_right"),
}


def create_identity_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the stage's tables where they are missing, empty and typed, and columns that older tables lack."""
    for table, schema in OUTPUT_SCHEMAS.items():
        connection.register("_empty", schema.empty_table())
        connection.execute(f"create table if not exists identity.{table} as select * from _empty")
        described = connection.execute(f"select column_name, column_type from (describe identity.{table})").fetchall()
        wanted = connection.execute("select column_name, column_type from (describe _empty)").fetchall()
        for name, kind in wanted:
            if name not in dict(described):
                connection.execute(f"alter table identity.{table} add column {name} {kind}")
        connection.unregister("_empty")


def load_table(connection: duckdb.DuckDBPyConnection, table: str) -> pa.Table:
    """Read one of the stage's tables: the rows that the last run stored, none before the first."""
    create_identity_tables(connection)
    return connection.execute(f"select * from identity.{table}").to_arrow_table()


def store_resolution(
    connection: duckdb.DuckDBPyConnection,
    resolution: Resolution,
    changes: ProfileChanges,
    decided: pa.Table | None,
    parted: pa.Table | None = None,
) -> None:
    """Replace the rows about the records that were decided, and continue the published events, in one transaction.

    Args:
        connection: the warehouse, within ``published_views``.
        resolution: the resolution, of all or of the touched records.
        changes: the profiles of the decided records.
        decided: the decided records (person_record_id), which include the touched ones; None for all.
        parted: pairs (person_record_id, other_record_id) of records that changed everything, and of what they left.
    """
    create_identity_tables(connection)
    connection.begin()
    try:
        for table, rows, records in (
            ("profile_assignments", changes.assignments, decided),
            ("profile_redirects", changes.redirects, None),
            ("match_edges", resolution.edges, resolution.touched),
            ("shared_identifiers", resolution.shared_identifiers, None),
        ):
            _clear(connection, table, records)
            _append(connection, table, rows)
        _continue_events(connection, changes.events)
        if parted is not None:
            _store_parted(connection, parted, resolution.model.version)
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _continue_events(connection: duckdb.DuckDBPyConnection, events: pa.Table) -> None:
    """Store the published events and those of this run; one that was stored and still holds keeps id and time."""
    connection.register("_incoming", events)
    connection.execute(_CONTINUED_EVENTS_SQL)
    connection.unregister("_incoming")


def _store_parted(connection: duckdb.DuckDBPyConnection, parted: pa.Table, model_version: str) -> None:
    connection.register("_parted", parted)
    connection.execute("delete from identity.match_edges where kept_apart_by = 'changed_identity'")
    connection.execute(_PARTED_EDGES_SQL, {"model_version": model_version})
    connection.unregister("_parted")


_PARTED_EDGES_SQL = """
insert into identity.match_edges by name
with pairs as (
    select distinct
        least(person_record_id, other_record_id) as person_record_id_left,
        greatest(person_record_id, other_record_id) as person_record_id_right,
        'same_record_key' as reason,
        $model_version as model_version,
        false as is_used,
        'changed_identity' as kept_apart_by
    from _parted
)

select pairs.*
from pairs
inner join identity.profile_assignments as l on pairs.person_record_id_left = l.person_record_id
inner join identity.profile_assignments as r on pairs.person_record_id_right = r.person_record_id
anti join identity.match_edges as known
    on pairs.person_record_id_left = known.person_record_id_left
    and pairs.person_record_id_right = known.person_record_id_right
where l.profile_id <> r.profile_id
"""

_CONTINUED_EVENTS_SQL = """
create or replace temp table _unpublished_events as
select * from identity.profile_events anti join published_profile_events using (event_id);
delete from identity.profile_events where event_id in (select event_id from _unpublished_events);
insert into identity.profile_events by name
select * from published_profile_events anti join identity.profile_events using (event_id);
insert into identity.profile_events by name
select
    incoming.* replace (
        coalesce(known.event_id, incoming.event_id) as event_id,
        coalesce(known.occurred_at, incoming.occurred_at) as occurred_at
    )
from _incoming as incoming
left join _unpublished_events as known
    on incoming.event_type = known.event_type
    and incoming.profile_id = known.profile_id
    and incoming.other_profile_id is not distinct from known.other_profile_id
    and incoming.cause = known.cause
    and incoming.override_id is not distinct from known.override_id;
drop table _unpublished_events;
"""


def count_rows(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return the rows of each of the stage's tables."""
    return {
        table: connection.execute(f"select count(*) from identity.{table}").fetchall()[0][0] for table in OUTPUT_SCHEMAS
    }


def _clear(connection: duckdb.DuckDBPyConnection, table: str, touched: pa.Table | None) -> None:
    if touched is None or table not in _RECORD_COLUMNS:
        connection.execute(f"delete from identity.{table}")
        return
    with _registered(connection, touched):
        connection.execute(f"delete from identity.{table} where {_is_about(table)}")


def _is_about(table: str) -> str:
    return " or ".join(f"{column} in (select person_record_id from _touched)" for column in _RECORD_COLUMNS[table])


@contextmanager
def _registered(connection: duckdb.DuckDBPyConnection, touched: pa.Table) -> Iterator[None]:
    connection.register("_touched", touched)
    try:
        yield
    finally:
        connection.unregister("_touched")


def _append(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    connection.register("_incoming", rows)
    connection.execute(f"insert into identity.{table} by name select * from _incoming")
    connection.unregister("_incoming")
