"""The plugin of dbt-duckdb that builds a table bucket by bucket on Spark: a task a bucket, each with the same query.

``dbt_project/profiles.yml`` names it in the target ``spark`` alone, so that without Spark it is not imported. The macro
``create_table_by_bucket`` hands it a query by ``adapter.store_relation``, and inserts the rows that it leaves.
"""

import shutil
import threading
import weakref
from collections.abc import Iterator
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import duckdb
import pyarrow as pa
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError

from cdp_orchestration.dbt.bucket_files import (
    NO_PROFILE,
    bucket_files,
    bucket_folder,
    export,
    inputs_of,
    number_profiles,
    remove_bucket_files,
    write_columns,
)
from cdp_orchestration.dbt.bucket_task import BucketQuery, run_bucket
from cdp_orchestration.home.engine_settings import EngineSettings
from cdp_orchestration.home.spark_session import spark_session
from cdp_orchestration.home.sql_text import text_literal
from identity.partitioned.loop_engine import SHARE_OF_DUCKDB
from identity.partitioned.task import Resources

if TYPE_CHECKING:
    from dbt.adapters.duckdb.credentials import DuckDBCredentials
    from dbt.adapters.duckdb.utils import TargetConfig
    from pyspark.sql import SparkSession

BYTES_PER_PROFILE = 16_000
"""The memory of a task for each profile of its bucket. Measured with 18 touchpoints a profile: 12 kB in the model that
takes most, and 0.4 GiB whatever the bucket holds; a task of 2 GiB has 134,000 profiles."""


class Plugin(BasePlugin):
    """Runs the queries of models on Spark, in the run of dbt that opened the warehouse."""

    def initialize(self, _: dict[str, Any]) -> None:
        """Read the settings; nothing is opened or written yet."""
        self._engine = EngineSettings.from_environment()
        # dbt-duckdb gives each plugin of a profile the credentials of its target
        self._home = Path(cast("DuckDBCredentials", self.creds).path).resolve().parent
        self._folder = bucket_files(self._home)
        self._lock = threading.Lock()
        # where dbt was started by hand; the platform removes the files as soon as dbt has ended
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Keep the connection: this process has the warehouse now, so that the files of a killed run are nothing's."""
        self._connection = conn
        remove_bucket_files(self._home)

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Say to macros that buckets run in tasks, how large they are, and where their rows will be."""
        cursor.execute(f"set variable profiles_per_task = {max(self._engine.task_memory // BYTES_PER_PROFILE, 1)}")
        # the rows are read by a pattern, in which brackets and stars of the home's own path have to be what they are
        cursor.execute(f"set variable bucket_files = {text_literal(escape(str(self._folder)))}")

    def store(self, target_config: "TargetConfig") -> None:
        """Write the rows of a table, each bucket by a task of Spark.

        Args:
            target_config: in ``config`` the name of the table, its query, the query that numbers the bucket of each
                profile, the number of buckets, and the inputs that a task reads by bucket.

        Raises:
            DbtRuntimeError: the query refuses the rows of a bucket.
        """
        task = self._prepare(**target_config.config)
        with self._lock:
            session = spark_session(self._engine.spark_master)
        refused = _run(session, task)
        if refused:
            raise DbtRuntimeError(refused)

    def _prepare(self, table: str, query: str, buckets: str, count: int, by_bucket: list[str]) -> BucketQuery:
        """Write what the tasks read, and make room for what they write."""
        results = self._folder / table
        # one model at a time: two may read the same table
        with self._lock, self._connection.cursor() as warehouse:
            warehouse.execute("set TimeZone = 'UTC'")
            number_profiles(warehouse, buckets)
            inputs = inputs_of(query, by_bucket, self._folder)
            for each in inputs:
                export(warehouse, each)
            for bucket in range(NO_PROFILE, count + 1):
                (results / bucket_folder(bucket)).mkdir(parents=True)
            write_columns(warehouse, query, results)
            database = warehouse.execute("select current_database()").fetchall()[0][0]
        memory = int(self._engine.task_memory * SHARE_OF_DUCKDB)
        # one thread, since Spark starts a task for each core
        resources = Resources(memory, str(self._folder / "spill"), threads=1)
        return BucketQuery(query, database, inputs, count, results, resources)


def _run(session: "SparkSession", task: BucketQuery) -> str | None:
    """Run a task a bucket; return why the first of them that was refused was."""
    # Connect has no broadcast and no context: a frame of one number a partition does
    numbers = session.range(NO_PROFILE, task.count + 1, 1, task.count + 1)

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            refused = [run_bucket(task, bucket) for bucket in batch.column(0).to_pylist()]
            yield pa.RecordBatch.from_pydict({"refused": pa.array(refused, pa.string())})

    found = numbers.mapInArrow(work, "refused string").toArrow()
    return next((text for text in found.column(0).to_pylist() if text), None)
