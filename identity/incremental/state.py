"""The state that a resolution stores, so that the next one resolves only what changed."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import duckdb

from identity.limits import Limits
from identity.prepare.records import RecordMapping
from identity.prepare.units import UNIT_PARTS
from identity.workspace import quoted

# Counts up when the tables below, or what decides a cluster, change their meaning
_FORMAT = 9

# Tables that only former formats had
_FORMER_TABLES = ("disputed", "shared_values")


@dataclass(frozen=True)
class State:
    """The stored tables of one population, in a schema of the caller's database.

    resolution_records has one row per person record: the hash of its values, its unit and its neighbourhood (all
    records that evidence connects with it, directly or through others). resolution_units, _blocks, _oversized_blocks,
    _identifiers, _suppressed_values, _conflicting_identifiers, _overrides and _blocklist are the tables of the
    workspace (see identity.work_tables), with units named by their unit_key and without the columns that follow from
    others. resolution_state has one row: the token.

    Attributes:
        catalog: the caller's database.
        schema: the schema of the tables.
    """

    catalog: str
    schema: str

    def table(self, name: str) -> str:
        """The qualified name of a stored table."""
        return f"{quoted(self.catalog)}.{quoted(self.schema)}.resolution_{name}"

    def token(self, connection: duckdb.DuckDBPyConnection) -> str | None:
        """A text that changes with the settings and the content of the state; None when there is no state."""
        found = connection.execute(
            "select 1 from duckdb_tables() where database_name = ? and schema_name = ? and table_name = ?",
            [self.catalog, self.schema, "resolution_state"],
        ).fetchall()
        rows = connection.execute(f"select token from {self.table('state')}").fetchall() if found else []
        return str(rows[0][0]) if rows else None


def settings_key(model_version: str, mapping: RecordMapping, limits: Limits) -> str:
    """A hash of everything that decides clusters, except for the records, the overrides and the blocklist."""
    settings = json.dumps([_FORMAT, duckdb.__version__, model_version, asdict(mapping), asdict(limits)], sort_keys=True)
    return hashlib.sha256(settings.encode()).hexdigest()[:16]


def save_state(
    work: duckdb.DuckDBPyConnection, state: State, settings: str, queries: Mapping[str, str] | None = None
) -> str:
    """Store the state of a resolution of all records, in one transaction; tables of former formats are dropped.

    Args:
        work: the workspace, with the tables of the resolution and `row_hashes`.
        state: where to store.
        settings: the key of the settings that were used; see settings_key.
        queries: SQL of the rows of each stored table, by its name; None to read the tables of the workspace.

    Returns:
        The token of the state.
    """
    with transaction(work):
        for name, query in (queries or _STORED_TABLES).items():
            work.execute(f"create or replace table {state.table(name)} as {query}")
        _drop_former_tables(work, state)
        return store_token(work, state, settings)


def move_state(connection: duckdb.DuckDBPyConnection, from_schema: str, to_schema: str) -> str | None:
    """Replace the state of one schema by that of another, in one transaction.

    Args:
        connection: the caller's connection.
        from_schema: the schema whose state moves; afterwards it has none.
        to_schema: the schema whose state is replaced.

    Returns:
        The token of the moved state.
    """
    catalog = connection.execute("select current_catalog()").fetchall()[0][0]
    source, target = State(catalog, from_schema), State(catalog, to_schema)
    with transaction(connection):
        for name in (*_STORED_TABLES, "state"):
            connection.execute(f"create or replace table {target.table(name)} as select * from {source.table(name)}")
            connection.execute(f"drop table {source.table(name)}")
        _drop_former_tables(connection, target)
    return target.token(connection)


def _drop_former_tables(work: duckdb.DuckDBPyConnection, state: State) -> None:
    for name in _FORMER_TABLES:
        work.execute(f"drop table if exists {state.table(name)}")


@contextmanager
def transaction(work: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Execute all statements of the block, or none of them."""
    work.execute("begin")
    try:
        yield
    except BaseException:
        work.execute("rollback")
        raise
    work.execute("commit")


def store_token(work: duckdb.DuckDBPyConnection, state: State, settings: str) -> str:
    """Store the token of the state's present content and return it."""
    content = work.execute(
        "select coalesce(bit_xor(hash(person_record_id, row_hash, unit_key, neighbourhood)), 0) "
        f"from {state.table('records')}"
    ).fetchall()[0][0]
    token = f"{settings}-{content:016x}"
    work.execute(f"create or replace table {state.table('state')} as select cast(? as varchar) as token", [token])
    return token


# what follows from other columns would be a third of the state, and is derived again for the few units that are read
KEYED_UNITS = f"""
select members.unit_key, members.person_record_id as first_record, units.* exclude (unit, {", ".join(UNIT_PARTS)})
from units
inner join unit_members as members on units.unit = members.record
"""

KEYED_BLOCKS = """
select cast(rule as varchar) as rule, block, unit_key
from blocks
inner join unit_members as members on blocks.unit = members.record
"""


def stored_records_sql(
    unit_members: str = "unit_members", row_hashes: str = "row_hashes", neighbourhoods: str = "neighbourhoods"
) -> str:
    """SQL of the rows of the stored table of records, from tables of these names."""
    return f"""
        select person_record_id, row_hash, unit_key, neighbourhood
        from {unit_members}
        inner join {row_hashes} using (person_record_id)
        inner join {neighbourhoods} using (unit)
    """


_STORED_TABLES = {
    "records": stored_records_sql(),
    "units": KEYED_UNITS,
    "blocks": KEYED_BLOCKS,
    "oversized_blocks": "select cast(rule as varchar) as rule, block from oversized_blocks",
    "identifiers": "select * from identifiers",
    "suppressed_values": "select * from suppressed_values",
    "conflicting_identifiers": "select * from conflicting_identifiers",
    "overrides": "select * from overrides",
    "blocklist": "select * from blocklist",
}
