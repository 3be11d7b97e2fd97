"""A time of a release is the same instant for every reader, whatever the zone of the reader's session or machine is."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from earlier_releases import take_zones_away

from cdp_orchestration.customer_report.reading import day_of
from cdp_orchestration.release.bundle import PublishedTable, published_table, write_candidate
from cdp_orchestration.release.comparison import compare_releases
from cdp_orchestration.release.continuation import continue_from_release
from cdp_orchestration.release.publication import candidate_folder, publish
from cdp_orchestration.release.reader import Release, connect_in_utc, live_release, require_live_release

# The second is an hour that New York's clocks skip, the third one that they repeat
NOON, SKIPPED, REPEATED = "2026-01-01 12:00:00.123456", "2026-03-08 02:30:00", "2026-11-01 01:30:00"
ZONES = ("UTC", "America/New_York", "Asia/Kolkata")
COLUMNS = {"profile_id": "varchar", "updated_at": "timestamp", "born_on": "date"}
PROFILES = published_table(
    "profiles",
    {
        "schema": "profiles",
        "description": "One row per profile.",
        "columns": {
            name: {"name": name, "data_type": kind, "description": name, "meta": {}} for name, kind in COLUMNS.items()
        },
    },
    ["profile_id"],
)
RECORDS = PublishedTable(
    "profile_records",
    "profiles.profile_records",
    "One row per record.",
    tuple({"name": name, "type": "varchar", "description": name} for name in ("person_record_id", "profile_id")),
)


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create schema profiles")
        connection.execute(
            f"create table profiles.profiles as from (values ('a', timestamp '{NOON}', date '1990-01-01'), "
            f"('b', timestamp '{SKIPPED}', null), ('c', timestamp '{REPEATED}', null), ('d', null, null)) "
            "as rows (profile_id, updated_at, born_on)"
        )
        connection.execute("create table profiles.profile_records as select profile_id as person_record_id, profile_id "
                           "from profiles.profiles")  # fmt: skip
        yield connection


def _published(
    warehouse: duckdb.DuckDBPyConnection, home: Path, release_id: str = "20260101T000000Z-00000a"
) -> Release:
    about = {"release_id": release_id, "created_at": "2026-01-01T00:00:00+00:00"}
    candidate = candidate_folder(home / "releases", release_id)
    publish(home / "releases", write_candidate(warehouse, candidate, [PROFILES, RECORDS], about), datetime.now(UTC))
    return require_live_release(home / "releases")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("is_of_earlier_version", [False, True])
def test_what_the_warehouse_goes_on_from_is_what_was_published(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, zone: str, *, is_of_earlier_version: bool
) -> None:
    warehouse.execute(f"set timezone = '{zone}'")
    before = warehouse.execute("describe profiles.profiles").fetchall(), _rows(warehouse)
    release = _published(warehouse, tmp_path)
    if is_of_earlier_version:
        take_zones_away(release.folder)
    warehouse.execute("delete from profiles.profiles")
    continue_from_release(warehouse, live_release(tmp_path / "releases"), [PROFILES])
    assert (warehouse.execute("describe profiles.profiles").fetchall(), _rows(warehouse)) == before


def _rows(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return connection.execute("from profiles.profiles order by profile_id").fetchall()


def test_files_and_manifest_say_that_times_are_utc(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    warehouse.execute("set timezone = 'America/New_York'")
    release = _published(warehouse, tmp_path)
    schema = pq.ParquetFile(release.folder / "profiles.parquet").schema
    written = json.loads(schema.column(1).logical_type.to_json())
    assert (written["isAdjustedToUTC"], written["timeUnit"]) == (True, "microseconds")
    assert str(schema.to_arrow_schema().field("updated_at").type) == "timestamp[us, tz=UTC]"
    types = [column["type"] for column in release.manifest["tables"]["profiles"]["columns"]]
    assert types == ["varchar", "timestamp with time zone", "date"]


_PROGRAM = """
import sys, duckdb, pandas as pd, polars as pl, pyarrow.parquet as pq
from cdp_orchestration.reader import open_home
home, zone = sys.argv[1:]
live = f"{home}/releases/current"
with open_home(home) as reader:
    frames = [reader.profiles.to_polars(), reader.profiles.to_pandas(), reader.profiles.to_arrow().to_pandas()]
    found = [reader.profiles.to_dicts()[0]["updated_at"]]
frames += [pl.read_parquet(f"{live}/profiles.parquet"), pd.read_parquet(f"{live}/profiles.parquet")]
frames.append(pq.read_table(f"{live}/profiles.parquet").to_pandas())
found += [frame["updated_at"][0] for frame in frames]
assert {each.utcoffset().total_seconds() for each in found} == {0}, "the reader and the files say UTC"
with duckdb.connect(f"{live}/cdp.duckdb", read_only=True) as views:
    views.execute(f"set timezone = '{zone}'")
    found += views.sql("select updated_at from profiles where profile_id = 'a'").fetchall()[0]
    zones = "from duckdb_extensions() where extension_name = 'icu' and install_mode = 'STATICALLY_LINKED'"
    assert len(views.sql(zones)) == 1, "what knows the zones would be downloaded"
print(*(f"{each.timestamp():.6f}" for each in found))
"""


def test_every_program_reads_the_same_instant_in_whatever_zone_it_runs(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    _published(warehouse, tmp_path)
    zone = "America/New_York"
    ended = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(tmp_path), zone],
        env=os.environ | {"TZ": zone}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    instant = datetime.fromisoformat(f"{NOON}+00:00").timestamp()
    assert ended.stdout.split() == [f"{instant:.6f}"] * 8


def test_profiles_are_the_same_in_a_release_of_an_earlier_version(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    before = _published(warehouse, tmp_path)
    take_zones_away(before.folder)
    after = _published(warehouse, tmp_path, "20260102T000000Z-00000b")
    found = compare_releases(Release(before.folder, _manifest(before.folder)), after)
    assert (found.profiles["same"], found.profiles["changed"]) == (4, 0)
    (profiles,) = (table for table in found.tables if table.table == "profiles")
    assert profiles.columns == ("updated_at: timestamp became timestamp with time zone",)


def _manifest(folder: Path) -> dict[str, object]:
    manifest: dict[str, object] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return manifest


@pytest.mark.parametrize("kind", ["timestamp", "timestamptz"])
def test_the_report_cuts_the_days_of_the_company_also_in_a_release_of_an_earlier_version(kind: str) -> None:
    with connect_in_utc() as connection:
        connection.execute("create table as_of as select 'America/New_York' as company_time_zone")
        connection.execute(f"create table visits as select '2026-03-09 03:30:00'::{kind} as visited_at")
        assert connection.execute(f"select {day_of('visited_at')} from visits").fetchall() == [(date(2026, 3, 8),)]
