"""What a resolution leaves behind, so that the next one need only look at what changed."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import duckdb

from identity.limits import Limits
from identity.prepare.features import UNIT_PARTS
from identity.prepare.records import RecordMapping
from identity.workspace import quoted

# Counts up when the tables below, or what decides a cluster, change their meaning
_FORMAT = 5


@dataclass(frozen=True)
class State:
    """The kept tables of one population, in a schema of the caller's database.

    resolution_records has one row per person record: the hash of its values, its unit and its neighbourhood (all
    records that evidence ties to it, directly or through others). resolution_units, _blocks, _oversized_blocks,
    _identifiers, _shared_values, _disputed, _overrides and _blocklist are the tables of the workspace, with units
    named by their unit_key and without their parts. resolution_state has one row: the token.
    """

    catalog: str
    schema: str

    def table(self, name: str) -> str:
        """The qualified name of a kept table."""
        return f"{quoted(self.catalog)}.{quoted(self.schema)}.resolution_{name}"

    def token(self, connection: duckdb.DuckDBPyConnection) -> str | None:
        """What the state was made with and holds, as one text; None when there is no state."""
        found = connection.execute(
            "select 1 from duckdb_tables() where database_name = ? and schema_name = ? and table_name = ?",
            [self.catalog, self.schema, "resolution_state"],
        ).fetchall()
        rows = connection.execute(f"select token from {self.table('state')}").fetchall() if found else []
        return str(rows[0][0]) if rows else None


def settings_key(model_version: str, mapping: RecordMapping, limits: Limits) -> str:
    """A hash of all that decides clusters beside the records, the overrides and the blocklist."""
    told = json.dumps([_FORMAT, duckdb.__version__, model_version, asdict(mapping), asdict(limits)], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def save_state(work: duckdb.DuckDBPyConnection, state: State, settings: str) -> str:
    """Keep the whole state of a resolution of all records, in one transaction; return its token."""
    with transaction(work):
        for name, query in _WHOLE.items():
            work.execute(f"create or replace table {state.table(name)} as {query}")
        return store_token(work, state, settings)


def move_state(connection: duckdb.DuckDBPyConnection, from_schema: str, to_schema: str) -> str | None:
    """Let the state of one schema replace that of another, in one transaction; return its token."""
    catalog = connection.execute("select current_catalog()").fetchall()[0][0]
    source, target = State(catalog, from_schema), State(catalog, to_schema)
    with transaction(connection):
        for name in (*_WHOLE, "state"):
            connection.execute(f"create or replace table {target.table(name)} as select * from {source.table(name)}")
            connection.execute(f"drop table {source.table(name)}")
    return target.token(connection)


@contextmanager
def transaction(work: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All that the block executes, or nothing of it."""
    work.execute("begin")
    try:
        yield
    except BaseException:
        work.execute("rollback")
        raise
    work.execute("commit")


def store_token(work: duckdb.DuckDBPyConnection, state: State, settings: str) -> str:
    """Write and return the token of what the state holds now."""
    content = work.execute(
        "select coalesce(bit_xor(hash(person_record_id, row_hash, unit_key, neighbourhood)), 0) "
        f"from {state.table('records')}"
    ).fetchall()[0][0]
    token = f"{settings}-{content:016x}"
    work.execute(f"create or replace table {state.table('state')} as select cast(? as varchar) as token", [token])
    return token


# what follows from other columns would be a third of the state, and is made again for the few units that are read
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

STORED_RECORDS = """
select person_record_id, row_hash, unit_key, neighbourhood
from unit_members
inner join row_hashes using (person_record_id)
inner join neighbourhoods using (unit)
"""

_WHOLE = {
    "records": STORED_RECORDS,
    "units": KEYED_UNITS,
    "blocks": KEYED_BLOCKS,
    "oversized_blocks": "select cast(rule as varchar) as rule, block from oversized_blocks",
    "identifiers": "select * from identifiers",
    "suppressed_values": "select * from suppressed_values",
    "disputed": "select * from conflicting_identifiers",
    "overrides": "select * from overrides",
    "blocklist": "select * from blocklist",
}
