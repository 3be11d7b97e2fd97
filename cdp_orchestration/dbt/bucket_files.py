"""What the tasks of a bucket read and write: a folder of Parquet a table, in it a folder a bucket.

The rows that belong to no profile have a folder of their own, and a task of their own.

All of it lies beside the warehouse, where all executors reach it. It holds personal data, so that the run of dbt that
made it removes it, and each later one what a killed run left. A table that one model has read, or made in tasks, is
there for the models after it in the same run.
"""

import re
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

from cdp_orchestration.home.sql_text import text_literal

PROFILES_OF_BUCKET = "profiles_of_bucket"
"""The table of the profiles of one bucket, by which a query takes its rows (macros/touched_profiles.sql)."""

NO_PROFILE = 0
"""The number of the bucket of the rows without a profile; the others are numbered from 1."""

_RECORDS = "profiles.profile_records"
_NO_ROWS = "no_rows.parquet"
_ALL_ROWS = "all_rows.parquet"
_NAME = re.compile(r'(?:"(?:[^"]|"")*"|[^"\s])+')
_PART = re.compile(r'"((?:[^"]|"")*)"|([^".]+)')


@dataclass(frozen=True)
class Input:
    """A table that a query reads.

    Attributes:
        schema: its schema; empty where the query names none.
        table: its name.
        folder: its files.
        is_by_bucket: whether a task reads the rows of its bucket alone, or all.
    """

    schema: str
    table: str
    folder: Path
    is_by_bucket: bool

    @property
    def name(self) -> str:
        """The name by which queries read it, without the database."""
        return f'"{self.schema}"."{self.table}"' if self.schema else f'"{self.table}"'

    def files(self, bucket: int) -> list[Path]:
        """Return the files that the task of a bucket reads; the first has the columns and no row."""
        inside = bucket_folder(bucket) if self.is_by_bucket else "*"
        found = [*sorted(self.folder.glob(f"{inside}/*.parquet")), *self.folder.glob(_ALL_ROWS)]
        return [self.folder / _NO_ROWS, *found]


def bucket_folder(bucket: int) -> str:
    """Return the name of the folder of a bucket; in order of name they are in that of the profiles."""
    return f"_bucket={bucket:06}" if bucket != NO_PROFILE else "_bucket=none"


def bucket_files(home: Path) -> Path:
    """Return the folder of a home in which tasks read and write while dbt runs."""
    return home / "profile_buckets"


def remove_bucket_files(home: Path) -> None:
    """Remove what tasks have read and written, which is personal data."""
    folder = bucket_files(home)
    if folder.exists():
        shutil.rmtree(folder)


def inputs_of(query: str, by_bucket: Collection[str], folder: Path) -> tuple[Input, ...]:
    """Return the tables that a query reads, in order of name.

    Args:
        query: the query.
        by_bucket: the tables (``schema.table``) of which its rows of a profile need the rows of this profile alone,
            and its rows without a profile those without one.
        folder: the folder of all files.

    Returns:
        The tables, the one of the bucket's profiles among them.

    Raises:
        ValueError: the query does not read one of those tables.
    """
    with duckdb.connect() as empty:  # in the warehouse a view would be what it reads itself
        names = {_schema_and_table(name) for name in empty.get_table_names(query, qualified=True)}
    found = {f"{schema}.{table}" if schema else table: (schema, table) for schema, table in names}
    if unread := sorted(set(by_bucket) - set(found)):
        raise ValueError(f"rows_of_bucket names {', '.join(unread)}; expected tables that the query reads")
    parted = {*by_bucket, PROFILES_OF_BUCKET}
    return tuple(Input(*found[key], folder / key, key in parted) for key in sorted(found))


def _schema_and_table(name: str) -> tuple[str, str]:
    """Return the schema, empty where it is not named, and the table of a name as DuckDB says it, with its alias."""
    without_alias = _NAME.match(name)
    parts = _PART.findall(without_alias[0] if without_alias else name)
    schema, table = ["", *(quoted.replace('""', '"') or plain for quoted, plain in parts)][-2:]
    return schema, table


def number_profiles(connection: duckdb.DuckDBPyConnection, buckets: str) -> None:
    """Create the temporary tables of the bucket of each profile, from the query that numbers them, and of all."""
    connection.execute(f"create temp table numbered_profiles as {buckets}")
    connection.execute(f"create temp table {PROFILES_OF_BUCKET} as select profile_id from numbered_profiles")


def export(connection: duckdb.DuckDBPyConnection, table: Input) -> None:
    """Write the rows of a table, those of each bucket together where it says whose they are.

    Args:
        connection: the warehouse, with the numbered profiles.
        table: the table; what is there of it already stays.

    Raises:
        ValueError: it is to be read by bucket, and no column says whose its rows are.
    """
    if (table.folder / _NO_ROWS).exists():
        return
    shutil.rmtree(table.folder, ignore_errors=True)  # of a model that failed
    table.folder.mkdir(parents=True)
    numbered = _numbered(table.name, set(types_of(connection, f"from {table.name}")))
    if numbered is None and table.is_by_bucket:
        raise ValueError(f"rows_of_bucket names {table.name}, which has neither profile_id nor person_record_id")
    if numbered is None:
        connection.execute(f"copy (from {table.name}) to {text_literal(table.folder / _ALL_ROWS)} (format parquet)")
    else:
        connection.execute(
            f"copy ({numbered}) to {text_literal(table.folder)} "
            "(format parquet, partition_by (_bucket), overwrite_or_ignore true)"
        )
    write_columns(connection, f"from {table.name}", table.folder)


def write_columns(connection: duckdb.DuckDBPyConnection, query: str, folder: Path) -> None:
    """Write the columns of a query as a file without rows, last of all: a folder that has it is finished.

    Args:
        connection: the database of the query.
        query: the query.
        folder: the folder of a table.

    Raises:
        TypeError: Parquet has no type that keeps the values of a column.
    """
    unfinished = folder / "no_rows.unfinished"
    connection.execute(f"copy (select * from ({query}\n) limit 0) to {text_literal(unfinished)} (format parquet)")
    wanted, kept = types_of(connection, query), types_of(connection, f"from read_parquet({text_literal(unfinished)})")
    lost = [f"{name} is {kind} and would be {kept[name]}" for name, kind in wanted.items() if kept[name] != kind]
    if lost:
        raise TypeError(f"Parquet does not keep a type of {folder.name}: {'; '.join(lost)}. Cast it in the model.")
    unfinished.rename(folder / _NO_ROWS)


def types_of(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, str]:
    """Return the type of each column of a query."""
    return {row[0]: row[1] for row in connection.execute(f"describe ({query}\n)").fetchall()}


def _numbered(table: str, columns: set[str]) -> str | None:
    """Return the query of the rows of a table with the folder of each; None where it does not say whose they are."""
    bucket = "coalesce(lpad(numbered.bucket::varchar, 6, '0'), 'none') as _bucket"
    numbered = "numbered_profiles as numbered"
    if "profile_id" in columns:
        return f"select own.*, {bucket} from {table} as own left join {numbered} using (profile_id)"
    if "person_record_id" in columns:
        return (
            f"select own.*, {bucket} from {table} as own left join {_RECORDS} as records using (person_record_id) "
            f"left join {numbered} on records.profile_id = numbered.profile_id"
        )
    return None
