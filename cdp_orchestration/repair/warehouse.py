"""A warehouse that is lost or cannot be read is replaced by one that knows what has landed."""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from cdp_orchestration.errors import DamagedWarehouseError
from cdp_orchestration.home.durable_files import UNFINISHED_ENDING, put_aside, sync_to_disk
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing.storage.ledger_copy import restore_ledger
from cdp_orchestration.repair.repaired import Repair


def repair_warehouse(settings: Settings) -> Iterator[Repair]:
    """Replace the warehouse where it is missing or damaged.

    Its ledger comes from the copy beside what has landed; all other tables are built by the next sync, the ids of
    profiles, their events and histories from the live release.

    Args:
        settings: the home, in which something has landed or was published.

    Yields:
        What was wrong, if anything was.
    """
    path = settings.warehouse
    found = _damage(path) if path.exists() else "is missing"
    if found is None:
        return
    # Whole before it has its name, so that a kill leaves no warehouse that knows less than the copy.
    new = path.with_name(path.name + UNFINISHED_ENDING)
    for left in (new, _log_of(new)):
        left.unlink(missing_ok=True)
    with open_warehouse(new, is_new=True) as connection:
        known = restore_ledger(connection, settings)
    sync_to_disk(new)
    aside = [put_aside(each) for each in (path, _log_of(path)) if each.exists()]
    new.replace(path)
    sync_to_disk(path.parent)
    kept = f"{aside[0].name} is what it was; " if aside else ""
    yield Repair(
        path.name,
        found,
        f"{kept}a new one knows {known:,} delivered files; `cdp sync` builds the rest, and learns anew what is usual",
    )


def _log_of(path: Path) -> Path:
    """Return the log in which DuckDB keeps what is not in the database file yet."""
    return path.with_name(path.name + ".wal")


def _damage(path: Path) -> str | None:
    """Return what is wrong with a database: each block has a checksum, which reading it compares."""
    try:
        with open_warehouse(path) as connection:
            tables = connection.execute(
                "select schema_name, table_name from duckdb_tables() where not temporary"
            ).fetchall()
            for schema, table in tables:
                connection.execute(f'select max(hash(read)) from "{schema}"."{table}" as read').fetchall()
    except (DamagedWarehouseError, duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException):
        return "cannot be read as a whole"
    return None
