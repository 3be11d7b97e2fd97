"""Reset the tables that grow from release to release to what was published, whatever failed runs added."""

from collections.abc import Iterable

import duckdb

from cdp_orchestration.release.bundle import PublishedTable
from cdp_orchestration.release.reader import Release


def continue_from_release(
    connection: duckdb.DuckDBPyConnection, release: Release | None, tables: Iterable[PublishedTable]
) -> None:
    """Reset each table to its rows in the live release; one that was never published is removed.

    Args:
        connection: the warehouse.
        release: the live release; None where nothing has been published.
        tables: those whose models append what has changed.
    """
    for table in tables:
        entry = release.manifest["tables"].get(table.name) if release else None
        if release is None or entry is None:
            connection.execute(f"drop table if exists {table.relation}")
            continue
        file = str(release.folder / entry["file"]).replace("'", "''")
        connection.execute(f"create or replace table {table.relation} as select * from read_parquet('{file}')")
