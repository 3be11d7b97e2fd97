"""Reset the tables that grow from release to release to what was published, whatever failed runs added."""

from collections.abc import Collection

import duckdb

from cdp_orchestration.home.warehouse import has_table
from cdp_orchestration.release.bundle import PublishedTable
from cdp_orchestration.release.integrity import require_sound
from cdp_orchestration.release.reader import Release
from cdp_orchestration.release.times import warehouse_rows


def continue_from_release(
    connection: duckdb.DuckDBPyConnection,
    release: Release | None,
    tables: Collection[PublishedTable],
    *,
    are_as_published: bool = False,
) -> None:
    """Reset each table to its rows in the live release; one that was never published is removed.

    A file that is not what was published any more is refused with DamagedReleaseError before any table changes.

    Args:
        connection: the warehouse.
        release: the live release; None where nothing has been published.
        tables: those whose models append what has changed.
        are_as_published: whether the release was cut from these tables as they are; one with as many rows is left.
    """
    if release:
        require_sound(release, {table.name for table in tables})
    for table in tables:
        entry = release.manifest["tables"].get(table.name) if release else None
        if release is None or entry is None:
            connection.execute(f"drop table if exists {table.relation}")
            continue
        if are_as_published and _row_count(connection, table) == entry["rows"]:
            continue
        rows = warehouse_rows(release.folder / entry["file"], entry["columns"])
        connection.execute(f"create or replace table {table.relation} as {rows}")


def _row_count(connection: duckdb.DuckDBPyConnection, table: PublishedTable) -> int | None:
    if not has_table(connection, *table.relation.split(".")):
        return None
    return int(connection.execute(f"select count(*) from {table.relation}").fetchall()[0][0])
