"""The repair of a home, part by part; the caller holds the writer's lock."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.release.bundle import PublishedTable
from cdp_orchestration.repair.landed_batches import repair_batches
from cdp_orchestration.repair.releases import repair_releases
from cdp_orchestration.repair.repaired import Repair
from cdp_orchestration.repair.warehouse import repair_warehouse


def repair_home(settings: Settings, tables: Iterable[PublishedTable]) -> Iterator[Repair]:
    """Find what is damaged in a home and mend it, as far as the home itself has what it takes.

    Args:
        settings: the home.
        tables: the published tables, as this version of the platform writes them.

    Yields:
        What was wrong and what was done, one after another; nothing where all is whole.
    """
    if settings.warehouse.exists():
        yield from repair_warehouse(settings)
        with open_warehouse(settings.warehouse) as connection:
            yield from repair_batches(connection, settings)
            yield from repair_releases(connection, settings.releases, tables, datetime.now(UTC))
    elif settings.releases.exists():
        yield from repair_warehouse(settings)
        with open_warehouse(settings.warehouse) as connection:
            yield from repair_releases(connection, settings.releases, tables, datetime.now(UTC))
