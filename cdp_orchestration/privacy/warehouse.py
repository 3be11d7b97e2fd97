"""What is left of people in the warehouse once everything is built without them: rows of histories, keys in texts.

A database keeps the bytes of deleted rows until something else is written there, so it is written anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from cdp_orchestration.home.durable_files import UNFINISHED_ENDING, sync_to_disk
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.sql_text import quoted, text_literal
from cdp_orchestration.home.warehouse import has_table, open_warehouse
from cdp_orchestration.landing.erasure.erasure import ERASED
from cdp_orchestration.privacy.people import Column, is_theirs, register_people
from cdp_orchestration.privacy.requests import Pending


@dataclass(frozen=True)
class Table:
    """A table of the warehouse with its columns."""

    schema: str
    name: str
    columns: tuple[Column, ...]

    @property
    def relation(self) -> str:
        """The table as SQL."""
        return f"{quoted(self.schema)}.{quoted(self.name)}"


def erase_from_warehouse(settings: Settings, pending: Pending) -> tuple[int, int]:
    """Remove what is left of the people, and write the database anew; the caller holds the writer's lock.

    Args:
        settings: the home, whose stages have been built without the people.
        pending: the people.

    Returns:
        How many tables changed, and how many of their rows.
    """
    tables = rows = 0
    with open_warehouse(settings.warehouse) as connection:
        register_people(connection, pending)
        for table in stored_tables(connection):
            changed = _erase(connection, table, pending)
            tables, rows = tables + bool(changed), rows + changed
            if changed:
                _forget_content(connection, table)
    write_anew(settings)
    return tables, rows


def stored_tables(connection: duckdb.DuckDBPyConnection) -> Iterator[Table]:
    """Yield every table of the warehouse that holds rows itself, in order of name."""
    found = connection.execute(
        "select schema_name, table_name, list({'name': column_name, 'type': data_type} order by column_index) "
        "from duckdb_columns() semi join duckdb_tables() using (database_name, schema_name, table_name) "
        "where not internal and database_name = current_database() group by all order by all"
    ).fetchall()
    for schema, name, columns in found:
        yield Table(schema, name, tuple(Column(each["name"], each["type"]) for each in columns))


def _erase(connection: duckdb.DuckDBPyConnection, table: Table, pending: Pending) -> int:
    count = 0
    condition = is_theirs(table.columns)
    if condition != "false" and table.name not in ("profile_events", "profile_redirects"):
        count += _changed(connection, f"delete from {table.relation} where {condition}")
    pattern = text_literal(pending.erasure.pattern)
    for column in _with_values(connection, table, pattern) if pending.values else ():
        name = quoted(column.name)
        text = f"regexp_replace({name}, {pattern}, {text_literal(ERASED)}, 'g')"
        count += _changed(
            connection, f"update {table.relation} set {name} = {text} where regexp_matches({name}, {pattern})"
        )
    return count


def _forget_content(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    # A build keeps tables by what is noted of those that they read, and a note of rows that are gone is not true
    if has_table(connection, "operations", "table_contents"):
        connection.execute(
            "delete from operations.table_contents where table_name = ?", [f"{table.schema}.{table.name}"]
        )


def _with_values(connection: duckdb.DuckDBPyConnection, table: Table, pattern: str) -> Iterator[Column]:
    texts = [each for each in table.columns if each.is_text]
    if not texts:
        return
    counts = ", ".join(f"count(*) filter (regexp_matches({quoted(each.name)}, {pattern}))" for each in texts)
    found = connection.execute(f"select {counts} from {table.relation}").fetchone()
    yield from (each for each, count in zip(texts, found or (), strict=True) if count)


def _changed(connection: duckdb.DuckDBPyConnection, statement: str) -> int:
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0


def write_anew(settings: Settings) -> None:
    """Write the database anew, so that no byte of a deleted row is left; the caller holds the writer's lock."""
    path = settings.warehouse
    new = path.with_name(path.name + UNFINISHED_ENDING)
    log = new.with_name(new.name + ".wal")
    for left in (new, log):
        left.unlink(missing_ok=True)
    with open_warehouse(path) as connection:
        connection.execute("checkpoint")
        name = connection.execute("select current_database()").fetchall()[0][0]
        connection.execute(f"attach {text_literal(new)} as anew")
        connection.execute(f"copy from database {quoted(name)} to anew")
        connection.execute("detach anew")
    new.chmod(path.stat().st_mode & 0o777)
    sync_to_disk(new)
    new.replace(path)
    path.with_name(path.name + ".wal").unlink(missing_ok=True)
    sync_to_disk(path.parent)
