"""The repair of a home, part by part; the caller holds the writer's lock."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import create_landing_views
from cdp_orchestration.release.bundle import PublishedTable
from cdp_orchestration.repair.landed_batches import repair_batches, repair_ledger
from cdp_orchestration.repair.models import repair_model
from cdp_orchestration.repair.releases import repair_releases
from cdp_orchestration.repair.repaired import Repair
from cdp_orchestration.repair.warehouse import repair_warehouse
from cdp_orchestration.repair.working_files import repair_working_files


def repair_home(settings: Settings, tables: Collection[PublishedTable], continued: Collection[str]) -> Iterator[Repair]:
    """Find what is damaged in a home and mend it, as far as the home itself has what it takes.

    It may be killed at any point and run again.

    Args:
        settings: the home.
        tables: the published tables, as this version of the platform writes them.
        continued: the names of those that the next release continues from the live one.

    Yields:
        What was wrong and what was done, one after another; nothing where all is whole.
    """
    if not any(folder.exists() for folder in (settings.warehouse, settings.releases, settings.landing)):
        return
    yield from repair_working_files(settings)
    yield from repair_model(settings)
    replaced = list(repair_warehouse(settings))
    yield from replaced
    with open_warehouse(settings.warehouse) as connection:
        yield from repair_ledger(connection, settings, is_new=bool(replaced))
        yield from repair_batches(connection, settings)
        create_landing_views(connection, settings, [])
        yield from repair_releases(connection, settings, tables, continued, datetime.now(UTC))
