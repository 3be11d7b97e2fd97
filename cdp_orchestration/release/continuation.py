"""Tables that grow from release to release go on from what was published, whatever failed runs left behind."""

from collections.abc import Iterable

import duckdb

from cdp_orchestration.release.bundle import PublishedTable
from cdp_orchestration.release.reader import Release


def continue_from_release(
    connection: duckdb.DuckDBPyConnection, release: Release | None, tables: Iterable[PublishedTable]
) -> None:
    """Put each table back to what the live release holds of it; one that was never published is removed.

    Args:
        connection: the warehouse.
        release: the live release, or None where nothing has been published.
        tables: those that their models extend by what has changed.
    """
    for table in tables:
        entry = release.manifest["tables"].get(table.name) if release else None
        if release is None or entry is None:
            connection.execute(f"drop table if exists {table.relation}")
            continue
        file = str(release.folder / entry["file"]).replace("'", "''")
        connection.execute(f"create or replace table {table.relation} as select * from read_parquet('{file}')")
