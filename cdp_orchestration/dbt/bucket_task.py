"""One task of a model that is built bucket by bucket: its query on the files of a bucket, in a database of its own.

It runs in the worker of an executor, and needs neither dbt nor the warehouse.
"""

from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import duckdb

from cdp_orchestration.dbt.bucket_files import NO_PROFILE, Input, bucket_folder
from cdp_orchestration.home.sql_text import text_literal
from identity.partitioned.task import Resources


@dataclass(frozen=True)
class BucketQuery:
    """The query of a model, and what each of its tasks needs.

    Attributes:
        query: the compiled query, as the loop runs it.
        database: the name of the warehouse in it.
        inputs: the tables that it reads.
        count: the number of buckets of profiles.
        results: the folder of the rows.
        resources: what the database of one task may use.
    """

    query: str
    database: str
    inputs: tuple[Input, ...]
    count: int
    results: Path
    resources: Resources

    def rows_of(self, bucket: int) -> str:
        """The query of the rows that a bucket gives to the table."""
        return f"select * from ({self.query}\n) where profile_id is {'' if bucket == NO_PROFILE else 'not '}null"


def run_bucket(task: BucketQuery, bucket: int) -> str | None:
    """Write the rows of a bucket.

    Args:
        task: the query.
        bucket: the number of the bucket.

    Returns:
        None; where the query refuses the rows, why. It may quote a value: raised here, it would be in Spark's log.

    Raises:
        IOException: a file could not be read or written; Spark tries again.
    """
    with _open(task, bucket) as work:
        try:
            _write(work, task, bucket)
        except duckdb.IOException:
            raise
        except duckdb.Error as error:
            return str(error)
    return None


def _open(task: BucketQuery, bucket: int) -> duckdb.DuckDBPyConnection:
    """Return a database with a view of each input, by its name in the warehouse."""
    work = task.resources.connect()
    work.execute("set TimeZone = 'UTC'")
    work.execute(f"attach ':memory:' as \"{task.database}\"")
    work.execute(f'use "{task.database}"')
    for each in task.inputs:
        if each.schema:
            work.execute(f'create schema if not exists "{each.schema}"')
        files = ", ".join(map(text_literal, each.files(bucket)))
        work.execute(f"create view {each.name} as from read_parquet([{files}], hive_partitioning = false)")
    return work


def _write(work: duckdb.DuckDBPyConnection, task: BucketQuery, bucket: int) -> None:
    target = task.results / bucket_folder(bucket) / "rows.parquet"
    unfinished = target.with_suffix(f".{uuid4().hex}")  # Spark may run a task twice at a time
    work.execute(f"copy ({task.rows_of(bucket)}) to {text_literal(unfinished)} (format parquet)")
    unfinished.replace(target)
