"""Dagster's SQLite event log with connections that are kept for a run.

Dagster makes an engine of SQLAlchemy for every event it stores and every look at its log, and each engine compiles its
statements and opens the file anew: two thirds of what the fifteen hundred events of a sync cost.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import dagster as dg
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine

_INDEX = "index"
_BUSY_TIMEOUT_SECONDS = 20  # as long as Dagster's own connections wait for another process


class KeptEventLogStorage(SqliteEventLogStorage):
    """The storage that Dagster uses by default, the same files, with one engine a file for as long as it lives.

    For one process that runs one job: a file that another process removes meanwhile would be written to no avail.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        self._engines: dict[str, Engine] = {}
        self._tables: set[str] = set()
        self._one_at_a_time = Lock()

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> "KeptEventLogStorage":
        """Return the storage that the instance's configuration asks for."""
        return cls(inst_data=inst_data, **config_value)

    def run_connection(self, run_id: str | None = None) -> Any:
        """Return a connection, in a transaction, to the file of a run."""
        return self._kept(str(run_id))

    def index_connection(self) -> Any:
        """Return a connection, in a transaction, to the file about all runs."""
        return self._kept(_INDEX)

    def has_table(self, table_name: str) -> bool:
        """Return whether the file about all runs has a table; Dagster asks that of each check."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def dispose(self) -> None:
        """Close all files."""
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
        super().dispose()

    @contextmanager
    def _kept(self, shard: str) -> Iterator[Connection]:
        with self._one_at_a_time:
            if shard not in self._engines:
                with super().run_connection(shard):  # makes the file of a new run, with its tables
                    self._engines[shard] = create_engine(
                        self.conn_string_for_shard(shard), connect_args={"timeout": _BUSY_TIMEOUT_SECONDS}
                    )
            with self._engines[shard].begin() as connection:
                yield connection


@contextmanager
def kept_event_log(instance: dg.DagsterInstance) -> Iterator[dg.DagsterInstance]:
    """Open the event log of an instance once for a whole run.

    Args:
        instance: the instance of a home; where its owner has configured another storage, it is used as it is.

    Yields:
        The instance for the run. Its log is closed at the end of the block; the given instance reads it afterwards.
    """
    storage = instance.event_log_storage
    if type(storage) is not SqliteEventLogStorage:
        yield instance
        return
    folder = str(Path(storage.path_for_shard(_INDEX)).parent)
    kept = {"module": __name__, "class": KeptEventLogStorage.__name__, "config": {"base_dir": folder}}
    ref = InstanceRef.from_dir(instance.root_directory, overrides={"event_log_storage": kept})
    with dg.DagsterInstance.from_ref(ref) as running:
        yield running
