"""A warehouse that is lost or cannot be read is replaced by one that knows what has landed."""

from collections.abc import Iterator

import duckdb

from cdp_orchestration.errors import DamagedWarehouseError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import create_landing_views
from cdp_orchestration.landing.ledger_copy import restore_ledger
from cdp_orchestration.repair.repaired import Repair, put_aside


def repair_warehouse(settings: Settings) -> Iterator[Repair]:
    """Replace the warehouse where it is missing or damaged.

    Its ledger comes from the copy beside what has landed; all other tables are built by the next sync, the ids of
    profiles, their events and histories from the live release.

    Args:
        settings: the home.

    Yields:
        What was wrong, if anything was.
    """
    path = settings.warehouse
    found = "is missing" if not path.exists() else _damage(settings)
    if found is None:
        return
    aside = [put_aside(each) for each in (path, path.with_name(path.name + ".wal")) if each.exists()]
    with open_warehouse(path) as connection:
        known = restore_ledger(connection, settings)
        create_landing_views(connection, settings)
    kept = f"{aside[0].name} is what it was; " if aside else ""
    yield Repair(path.name, found, f"{kept}a new one knows {known:,} delivered files; `cdp sync` builds the rest")


def _damage(settings: Settings) -> str | None:
    try:
        with open_warehouse(settings.warehouse) as connection:
            tables = connection.execute(
                "select schema_name, table_name from duckdb_tables() where not temporary"
            ).fetchall()
            for schema, table in tables:
                # Each block has a checksum, which reading it compares.
                connection.execute(f'select max(hash(read)) from "{schema}"."{table}" as read').fetchall()
    except (DamagedWarehouseError, duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException):
        return "cannot be read as a whole"
    return None
