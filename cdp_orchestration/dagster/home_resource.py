"""The home as a Dagster resource: its folders, its warehouse, and the writer's lock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg
import duckdb
from pydantic import Field, PrivateAttr

from cdp_orchestration.dagster.early_fetches import fetch_early
from cdp_orchestration.dagster.event_log import quick_event_log
from cdp_orchestration.dagster.triggers import SOURCE_TAG, fetched_since, let_end, note_trigger
from cdp_orchestration.home.asked_to_end import noted_requests
from cdp_orchestration.home.living_runs import living_run
from cdp_orchestration.home.permissions import keep_new_files_closed
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.home.writer_lock import writer_lock
from cdp_orchestration.landing import FetchOutcome, fetch_stream
from cdp_orchestration.landing.fetching import fetched_streams
from cdp_orchestration.landing.pauses import UnknownSourceError, require_sources
from cdp_orchestration.landing.storage.views import create_missing_views
from cdp_orchestration.sources import Stream


class Home(dg.ConfigurableResource[Any]):
    """The data folder ``$CDP_HOME``; a run that needs it holds the writer's lock from start to end."""

    full_refresh: bool = Field(default=False, description="Build everything again, even if nothing new has landed.")
    sources: list[str] = Field(
        default=[],
        description="Land these sources alone, such as [crm]; the others stay as they are. Without one, all land.",
    )
    _settings: Settings = PrivateAttr(default_factory=Settings.from_environment)
    _fetched: dict[str, FetchOutcome] = PrivateAttr(default_factory=dict)
    _held: duckdb.DuckDBPyConnection | None = PrivateAttr(default=None)
    _request_to_end: Callable[[], int | None] | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Home"]:
        """Fetch, wait for the writer's lock as `cdp sync` does, and hold it until the run ends."""
        keep_new_files_closed()
        run = context.run
        if run and context.instance:
            note_trigger(context.instance, run)
        try:
            require_sources(self._settings, self.sources)
        except UnknownSourceError:
            if run and context.instance:
                let_end(context.instance, run)
            raise
        if run is None:
            # A person uses the resource by hand
            with writer_lock(self._settings.writer_lock, "Dagster without a run"):
                yield self
            return
        with living_run(self._settings, run.run_id):
            self._fetched = fetch_early(self._settings, run, self.sources)
            with noted_requests() as self._request_to_end, self._writing(run, context), quick_event_log():
                yield self

    @contextmanager
    def _writing(self, run: dg.DagsterRun, context: dg.InitResourceContext) -> Iterator[None]:
        settings = self._settings
        on_wait = context.log.info if context.log else None
        holder = f"Dagster run {run.run_id}"
        with writer_lock(settings.writer_lock, holder, settings.writer_wait_seconds, on_wait):
            if SOURCE_TAG in run.tags:
                # What follows reads the streams of every source, also of one that has never been landed
                with self.warehouse() as connection:
                    create_missing_views(connection, settings)
            try:
                yield
            finally:
                self.leave_warehouse()

    @property
    def settings(self) -> Settings:
        """The home's folders and files."""
        return self._settings

    def lands(self, source: str) -> bool:
        """Return whether the run lands a source."""
        return not self.sources or source in self.sources

    def fetch(self, stream: Stream, run: dg.DagsterRun) -> FetchOutcome | None:
        """Return what the run has fetched of a stream before it took the lock; what it has not is fetched now.

        Args:
            stream: a stream that the run lands.
            run: the run.

        Returns:
            The outcome; None for a stream whose files others deliver, and for one of a paused source.
        """
        if stream.table in self._fetched:
            return self._fetched[stream.table]
        if fetched_streams([stream], self._settings):
            self.leave_warehouse()  # the answer may take minutes
        return fetch_stream(stream, self._settings, fetched_since(run.tags))

    @contextmanager
    def warehouse(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open the warehouse for one unit of work.

        The database stays open for the next one: to open it reads the catalogue of all tables, which cost more than
        most of the ninety units of a sync.

        Yields:
            A connection of its own, closed at the end of the block.

        Raises:
            DagsterExecutionInterruptedError: a signal has asked the run to end, and an earlier step has lost it.
        """
        if self._request_to_end and self._request_to_end():
            raise dg.DagsterExecutionInterruptedError
        try:
            with open_warehouse(self._settings.warehouse) as connection:
                # A cursor would be closed with the connection that it comes from
                self._held = self._held or duckdb.connect(str(self._settings.warehouse))
                yield connection
        except BaseException:
            self.leave_warehouse()  # after some errors DuckDB refuses every further use of an open database
            raise

    def leave_warehouse(self) -> None:
        """Close the warehouse between two units of work, for others: dbt, which opens it otherwise, or a reader."""
        if self._held is not None:
            self._held.close()
            self._held = None
