"""The home as a Dagster resource: its folders, its warehouse, and the writer's lock."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import dagster as dg
import duckdb
from pydantic import Field, PrivateAttr

from cdp_orchestration.dagster.event_log import quick_event_log
from cdp_orchestration.dagster.triggers import SOURCE_TAG, note_trigger
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.home.writer_lock import writer_lock
from cdp_orchestration.landing.pauses import require_sources
from cdp_orchestration.landing.views import create_missing_views


class Home(dg.ConfigurableResource[Any]):
    """The data folder ``$CDP_HOME``; a run that needs it holds the writer's lock from start to end."""

    full_refresh: bool = Field(default=False, description="Build everything again, even if nothing new has landed.")
    sources: list[str] = Field(
        default=[],
        description="Land these sources alone, such as [crm]; the others stay as they are. Without one, all land.",
    )
    _settings: Settings = PrivateAttr(default_factory=Settings.from_environment)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Home"]:
        """Hold the writer's lock until the run ends."""
        require_sources(self._settings, self.sources)
        if context.run and context.instance:
            note_trigger(context.instance, context.run)
        # Without a run, a person uses the resource by hand.
        holder = f"Dagster run {context.run.run_id}" if context.run else "Dagster without a run"
        with writer_lock(self._settings.writer_lock, holder), quick_event_log():
            if context.run and SOURCE_TAG in context.run.tags:
                # What follows reads the streams of every source, also of one that has never been landed
                with self.warehouse() as connection:
                    create_missing_views(connection, self._settings)
            yield self

    @property
    def settings(self) -> Settings:
        """The home's folders and files."""
        return self._settings

    def lands(self, source: str) -> bool:
        """Return whether the run lands a source."""
        return not self.sources or source in self.sources

    def warehouse(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """Open the warehouse for one unit of work."""
        return open_warehouse(self._settings.warehouse)
