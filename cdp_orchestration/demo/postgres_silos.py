"""The four silos as tables of a PostgreSQL: a schema for each source, a table for each stream."""

import re
from pathlib import Path

import duckdb
import pyarrow as pa

from cdp_orchestration.connectors.databases.scanners import scanner_of
from cdp_orchestration.demo.delivered_rows import IS_JSON, tables_of
from cdp_orchestration.errors import CdpError
from cdp_orchestration.home.sql_text import text_literal

ADDRESS_VARIABLE = "CDP_DEMO_POSTGRES_URL"
NUMBER = "delivery_number"
_OURS = "Invented by cdp demo"  # the comment of a schema that a demo may replace
_MAX_MESSAGE_CHARACTERS = 200
_BEFORE_WHAT_IS_SAID = re.compile(r"(?:ERROR|FATAL|failed):\s*")


class DemoDatabaseError(CdpError):
    """The database cannot take the demo: it is not reached, refuses, or holds something else."""


class PostgresSilos:
    """Fills tables whose rows have an ever growing delivery number, so that what comes late is newer all the same."""

    def __init__(self, address: str) -> None:
        """Connect to the database of an address; DemoDatabaseError where it is not reached."""
        self._address = address
        self._engine = duckdb.connect()
        self._engine.load_extension(str(scanner_of("postgres")))
        self._engine.execute("set timezone = 'UTC'")
        self._columns: dict[str, set[str]] = {}
        self._counts: dict[str, int] = {}
        try:
            self._engine.execute(f"attach {text_literal(address)} as silos (type postgres)")
        except duckdb.Error as error:
            problem = self._said(error)
        else:
            return
        # Outside of the block: else the error would carry the one that repeats the address with its password.
        raise DemoDatabaseError(
            f"The database that {ADDRESS_VARIABLE} names is not reached: {problem}. Expected an address such as "
            "postgresql://user:password@host:5432/database; without the variable, the demo starts a PostgreSQL itself."
        )

    def create_tables(self, streams: tuple[str, ...]) -> None:
        """Create an empty table for each stream, in schemas that take the place of those of an earlier demo.

        Args:
            streams: their names, ``<source>/<name>``.

        Raises:
            DemoDatabaseError: a schema of this name holds something else, or the database refuses.
        """
        sources = dict.fromkeys(stream.partition("/")[0] for stream in streams)
        names = ", ".join(map(text_literal, sources))
        comment = "obj_description(oid, 'pg_namespace') as remark"
        query = f"select nspname as name, {comment} from pg_namespace where nspname in ({names})"
        found = self._engine.execute(f"select * from postgres_query('silos', {text_literal(query)})").fetchall()
        for name, remark in found:
            if remark != _OURS:
                raise DemoDatabaseError(
                    f"The database that {ADDRESS_VARIABLE} names has a schema {name} that no demo made, and the demo "
                    "would fill it. Name an empty database."
                )
        for source in sources:
            self._run(f"drop schema if exists {source} cascade")
            self._run(f"create schema {source}")
            self._run(f"comment on schema {source} is {text_literal(_OURS)}")
        for stream in streams:
            self._run(f"create table {table_of(stream)} ({NUMBER} bigint primary key)")
        self._engine.execute("call pg_clear_cache()")

    def take(self, stream: str, path: Path) -> None:
        """Append the rows of a delivered file to the table of its stream, ``<source>/<name>``."""
        table = table_of(stream)
        for rows in tables_of(path):
            self._extend(table, rows.schema)
            first = self._counts.get(table, 0) + 1
            self._counts[table] = first + rows.num_rows - 1
            numbered = rows.append_column(NUMBER, pa.array(range(first, first + rows.num_rows), pa.int64()))
            self._engine.register("delivered", numbered)
            try:
                self._engine.execute(f"insert into silos.{table} by name select * from delivered")
            except duckdb.Error as error:
                problem = self._said(error)
            else:
                continue
            finally:
                self._engine.unregister("delivered")
            raise DemoDatabaseError(f"Table {table} of the demo's database cannot be filled: {problem}.")

    def close(self) -> None:
        """Leave the database."""
        self._engine.close()

    def _extend(self, table: str, schema: pa.Schema) -> None:
        """Add the columns that earlier deliveries did not have."""
        known = self._columns.setdefault(table, set())
        new = [field for field in schema if field.name not in known]
        for field in new:
            self._run(f'alter table {table} add column "{field.name}" {_type_of(field)}')
        if new:
            known.update(field.name for field in new)
            self._engine.execute("call pg_clear_cache()")

    def _run(self, statement: str) -> None:
        try:
            self._engine.execute(f"call postgres_execute('silos', {text_literal(statement)})")
        except duckdb.Error as error:
            problem = self._said(error)
        else:
            return
        raise DemoDatabaseError(
            f"The demo's database refuses `{statement[:60]}`: {problem}. The user of {ADDRESS_VARIABLE} needs the "
            "right to create schemas."
        )

    def _said(self, error: duckdb.Error) -> str:
        """Return what the server said, without the parts of the address."""
        said = _BEFORE_WHAT_IS_SAID.split(" ".join(str(error).split()))[-1].partition(" Is the server")[0]
        for part in sorted({self._address, *re.split(r"[:@/?&=\s]+", self._address)}, key=len, reverse=True):
            said = said.replace(part, "…") if len(part) > 2 else said
        return said[:_MAX_MESSAGE_CHARACTERS].rstrip(".")


def table_of(stream: str) -> str:
    """Return the table of a stream, ``<source>/<name>``, with its schema."""
    return stream.replace("/", ".")


def _type_of(field: pa.Field) -> str:
    kind = field.type
    if pa.types.is_decimal(kind):
        return f"numeric({kind.precision}, {kind.scale})"
    if pa.types.is_timestamp(kind):
        return "timestamptz"
    if pa.types.is_string(kind):
        return "json" if field.metadata == IS_JSON else "text"
    return {pa.bool_(): "boolean", pa.date32(): "date", pa.int32(): "integer"}[kind]
