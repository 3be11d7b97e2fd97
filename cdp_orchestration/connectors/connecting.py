"""The connector of a declaration: what fetches the rows that it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from cdp_orchestration.connectors.databases.declaration import Database
from cdp_orchestration.connectors.files.declaration import Files
from cdp_orchestration.connectors.rest.declaration import Rest
from cdp_orchestration.connectors.waits import Clock

if TYPE_CHECKING:
    from cdp_orchestration.connectors.databases.fetching import DatabaseConnector
    from cdp_orchestration.connectors.files.fetching import FilesConnector
    from cdp_orchestration.connectors.rest.fetching import RestConnector


@overload
def connector_of(declared: Files, clock: Clock | None = None) -> FilesConnector: ...
@overload
def connector_of(declared: Database, clock: Clock | None = None) -> DatabaseConnector: ...
@overload
def connector_of(declared: Rest, clock: Clock | None = None) -> RestConnector: ...
def connector_of(
    declared: Files | Database | Rest, clock: Clock | None = None
) -> FilesConnector | DatabaseConnector | RestConnector:
    """Return what fetches the rows of a stream; nothing is read, secrets included, before it does.

    Args:
        declared: what stands below ``from``.
        clock: time and waiting, which tests replace; files need none.

    Returns:
        The connector, whose libraries are loaded for it alone.
    """
    if isinstance(declared, Files):
        from cdp_orchestration.connectors.files.fetching import FilesConnector

        return FilesConnector(declared)
    if isinstance(declared, Database):
        from cdp_orchestration.connectors.databases.fetching import DatabaseConnector

        return DatabaseConnector(declared, clock or Clock())
    from cdp_orchestration.connectors.rest.fetching import RestConnector

    return RestConnector(declared, clock or Clock())
