"""What tasks read of a table, and the rows that they leave, without Spark."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from cdp_orchestration.dbt.bucket_files import (
    NO_PROFILE,
    PROFILES_OF_BUCKET,
    Input,
    bucket_files,
    bucket_folder,
    export,
    inputs_of,
    number_profiles,
    remove_bucket_files,
    write_columns,
)
from cdp_orchestration.dbt.bucket_task import BucketQuery, run_bucket
from identity.partitioned.task import Resources

BUCKETS = "select * from (values ('ann', 1), ('bob', 2)) as numbered(profile_id, bucket)"
QUERY = f"""
    select
        visits.profile_id,
        sum(visits.minutes)::integer as minutes,
        (select count(*) from journeys.visits) as all_visits
    from "warehouse"."journeys"."visits" as visits
    where visits.profile_id is null or visits.profile_id in (select profile_id from {PROFILES_OF_BUCKET})
    group by visits.profile_id
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Ann and Bob, each with a record, their visits, and one of a person who is not known."""
    with duckdb.connect(tmp_path / "warehouse.duckdb") as connection:
        for schema in ("profiles", "journeys", "staging"):
            connection.execute(f"create schema {schema}")
        connection.execute(
            "create table journeys.visits as select * from (values "
            "('ann', 3), ('ann', 4), ('bob', 5), (null, 6)) as visits(profile_id, minutes)"
        )
        connection.execute(
            "create view profiles.profile_records as select * from (values "
            "('crm:1', 'ann'), ('crm:2', 'bob')) as records(person_record_id, profile_id)"
        )
        connection.execute(
            "create table staging.acts as select * from (values "
            "('crm:1', 'call'), ('crm:2', 'mail'), ('crm:gone', 'mail'), (null, 'visit')) as a(person_record_id, act)"
        )
        connection.execute("create table staging.channels as select 'web' as channel")
        number_profiles(connection, BUCKETS)
        yield connection


def _exported(warehouse: duckdb.DuckDBPyConnection, schema: str, table: str, folder: Path, *, by_bucket: bool) -> Input:
    found = Input(schema, table, folder / f"{schema}.{table}", by_bucket)
    export(warehouse, found)
    return found


def _read(table: Input, bucket: int) -> list[tuple[object, ...]]:
    files = [str(file) for file in table.files(bucket)]
    return sorted(duckdb.read_parquet(files, hive_partitioning=False).fetchall(), key=str)


def test_a_table_with_a_profile_is_read_by_bucket_and_the_rows_without_one_are_their_own(warehouse, tmp_path):
    visits = _exported(warehouse, "journeys", "visits", tmp_path / "files", by_bucket=True)
    assert _read(visits, 1) == [("ann", 3), ("ann", 4)]
    assert _read(visits, 2) == [("bob", 5)]
    assert _read(visits, NO_PROFILE) == [(None, 6)]


def test_a_table_with_a_record_is_read_by_the_bucket_of_its_profile(warehouse, tmp_path):
    acts = _exported(warehouse, "staging", "acts", tmp_path / "files", by_bucket=True)
    assert _read(acts, 1) == [("crm:1", "call")]
    assert _read(acts, 2) == [("crm:2", "mail")]
    assert _read(acts, NO_PROFILE) == [("crm:gone", "mail"), (None, "visit")]


@pytest.mark.parametrize(("schema", "table", "count"), [("journeys", "visits", 4), ("staging", "channels", 1)])
def test_a_table_that_is_not_read_by_bucket_is_read_whole(warehouse, tmp_path, schema, table, count):
    whole = _exported(warehouse, schema, table, tmp_path / "files", by_bucket=False)
    assert [len(_read(whole, bucket)) for bucket in (NO_PROFILE, 1, 2)] == [count, count, count]


def test_a_bucket_without_rows_has_the_columns(warehouse, tmp_path):
    warehouse.execute("delete from journeys.visits where profile_id = 'bob'")
    visits = _exported(warehouse, "journeys", "visits", tmp_path / "files", by_bucket=True)
    assert duckdb.read_parquet([str(file) for file in visits.files(2)]).columns == ["profile_id", "minutes"]
    assert _read(visits, 2) == []


def test_what_an_earlier_model_has_exported_stays(warehouse, tmp_path):
    _exported(warehouse, "journeys", "visits", tmp_path / "files", by_bucket=True)
    warehouse.execute("drop table journeys.visits")
    assert len(_read(_exported(warehouse, "journeys", "visits", tmp_path / "files", by_bucket=False), 1)) == 4


def test_what_a_failed_export_left_is_written_anew(warehouse, tmp_path):
    left = tmp_path / "files" / "journeys.visits" / bucket_folder(1) / "data_0.parquet"
    left.parent.mkdir(parents=True)
    left.write_text("half a file")
    assert len(_read(_exported(warehouse, "journeys", "visits", tmp_path / "files", by_bucket=True), 1)) == 2


def test_a_table_without_profile_and_record_cannot_be_read_by_bucket(warehouse, tmp_path):
    with pytest.raises(ValueError, match="neither profile_id nor person_record_id"):
        _exported(warehouse, "staging", "channels", tmp_path / "files", by_bucket=True)


def test_a_type_that_parquet_does_not_keep_is_refused(warehouse, tmp_path):
    with pytest.raises(TypeError, match="total is HUGEINT and would be DOUBLE"):
        write_columns(warehouse, "select sum(minutes) as total from journeys.visits", tmp_path)


def test_the_inputs_of_a_query_are_its_tables_by_the_names_that_it_says(tmp_path):
    found = inputs_of(QUERY, ["journeys.visits"], tmp_path)
    assert [(each.schema, each.table, each.is_by_bucket) for each in found] == [
        ("journeys", "visits", True),
        ("", PROFILES_OF_BUCKET, True),
    ]


def test_a_model_cannot_name_a_table_that_its_query_does_not_read(tmp_path):
    with pytest.raises(ValueError, match=r"rows_of_bucket names journeys\.orders"):
        inputs_of(QUERY, ["journeys.orders"], tmp_path)


def _task(warehouse: duckdb.DuckDBPyConnection, query: str, folder: Path) -> BucketQuery:
    inputs = inputs_of(query, [], folder)
    for each in inputs:
        export(warehouse, each)
    results = folder / "results"
    for bucket in (NO_PROFILE, 1, 2):
        (results / bucket_folder(bucket)).mkdir(parents=True)
    return BucketQuery(query, "warehouse", inputs, 2, results, Resources(1 << 29, str(folder / "spill"), threads=1))


def _rows(task: BucketQuery, bucket: int) -> list[tuple[object, ...]]:
    file = task.results / bucket_folder(bucket) / "rows.parquet"
    return sorted(duckdb.read_parquet(str(file), hive_partitioning=False).fetchall(), key=str)


def test_each_task_gives_the_rows_of_its_profiles_and_one_those_without_a_profile(warehouse, tmp_path):
    task = _task(warehouse, QUERY, tmp_path / "it's a folder")
    assert [run_bucket(task, bucket) for bucket in (NO_PROFILE, 1, 2)] == [None, None, None]
    assert _rows(task, 1) == [("ann", 7, 4)]
    assert _rows(task, 2) == [("bob", 5, 4)]
    assert _rows(task, NO_PROFILE) == [(None, 6, 4)]


def test_a_task_that_runs_twice_leaves_one_file(warehouse, tmp_path):
    task = _task(warehouse, QUERY, tmp_path / "files")
    run_bucket(task, 1)
    run_bucket(task, 1)
    assert [path.name for path in (task.results / bucket_folder(1)).iterdir()] == ["rows.parquet"]


def test_a_query_that_refuses_a_row_is_no_exception_of_the_task(warehouse, tmp_path):
    task = _task(
        warehouse, QUERY.replace("visits.profile_id,", "visits.profile_id, visits.profile_id::date,", 1), tmp_path
    )
    refused = run_bucket(task, 1)
    assert refused is not None
    assert refused.startswith("Conversion Error: invalid date field format")


def test_a_file_that_is_not_there_is_an_exception_of_the_task(warehouse, tmp_path):
    task = _task(warehouse, QUERY, tmp_path / "files")
    (task.inputs[0].folder / "no_rows.parquet").unlink()
    with pytest.raises(duckdb.IOException):
        run_bucket(task, 1)


def test_the_files_are_removed_with_their_folder(tmp_path):
    left = bucket_files(tmp_path) / "journeys.visits" / "no_rows.parquet"
    left.parent.mkdir(parents=True)
    left.touch()
    remove_bucket_files(tmp_path)
    assert list(tmp_path.iterdir()) == []
    remove_bucket_files(tmp_path)
