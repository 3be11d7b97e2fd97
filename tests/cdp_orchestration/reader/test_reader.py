"""What another program reads, by the reader: any release, in any form, without what builds them."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from cdp_orchestration.errors import NoReleaseError, SettingsError
from cdp_orchestration.reader import open_home
from cdp_orchestration.release.bundle import PublishedTable, write_candidate
from cdp_orchestration.release.pruning import prune_releases
from cdp_orchestration.release.publication import candidate_folder, publish

TABLES = {
    "profiles": "profile_id varchar, email varchar, updated_at timestamp",
    "profile_records": "person_record_id varchar, profile_id varchar",
    "profile_redirects": "old_profile_id varchar, profile_id varchar",
}
FIRST, SECOND = "20260101T000000Z-00000a", "20260102T000000Z-00000b"


def _publish(home: Path, release_id: str, rows: dict[str, list[tuple[object, ...]]]) -> None:
    tables = []
    with duckdb.connect() as connection:
        for name, columns in TABLES.items():
            connection.execute(f"create table {name} ({columns})")
            for row in rows.get(name, []):
                connection.execute(f"insert into {name} values ({', '.join('?' * len(row))})", row)
            described = tuple(
                {"name": each.split()[0], "type": each.split()[1], "description": f"The {each.split()[0]}."}
                for each in columns.split(", ")
            )
            tables.append(PublishedTable(name, name, f"One row of {name}.", described))
        about = {"release_id": release_id, "created_at": "2026-01-01T00:00:00+00:00", "previous_release_id": None}
        manifest = write_candidate(connection, candidate_folder(home / "releases", release_id), tables, about)
    publish(home / "releases", manifest, datetime.now(UTC))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two releases: one profile stays, one changes, two merge, one is split, one retires, one is created."""
    (tmp_path / "releases").mkdir()
    emails = {"same": "a", "changed": "b", "survivor": "c", "merged": "d", "retired": "e", "whole": "f"}
    records = {"1": "same", "2": "changed", "3": "survivor", "4": "merged", "5": "retired", "6": "whole", "7": "whole"}
    _publish(
        tmp_path,
        FIRST,
        {
            "profiles": [(each, email, "2026-01-01") for each, email in emails.items()],
            "profile_records": list(records.items()),
        },
    )
    emails = {"same": "a", "changed": "new", "survivor": "c", "whole": "f", "part": "f", "created": "g"}
    records |= {"4": "survivor", "7": "part", "8": "created"}
    del records["5"]
    _publish(
        tmp_path,
        SECOND,
        {
            "profiles": [(each, email, "2026-01-02") for each, email in emails.items()],
            "profile_records": list(records.items()),
            "profile_redirects": [("merged", "survivor")],
        },
    )
    return tmp_path


def test_a_table_is_read_in_any_form(home: Path) -> None:
    with open_home(home) as reader:
        assert reader.release_id == SECOND
        profiles = reader.profiles
        assert (len(profiles), profiles.columns) == (6, ["profile_id", "email", "updated_at"])
        assert (profiles.name, profiles.description) == ("profiles", "One row of profiles.")
        assert profiles.meanings["email"] == "The email."
        forms = (profiles.to_polars(), profiles.to_pandas(), profiles.to_arrow())
        assert tuple(map(type, forms)) == (pl.DataFrame, pd.DataFrame, pa.Table)
        assert {len(each) for each in forms} == {6}
        assert profiles.to_dicts()[0]["profile_id"] == "changed"
        assert profiles.relation.filter("email = 'g'").fetchall()[0][0] == "created"


def test_a_query_joins_tables_of_one_release(home: Path) -> None:
    with open_home(str(home)) as reader:
        rows = reader.sql(
            "select email, count(*) as records from profiles join profile_records using (profile_id) "
            "group by email order by email"
        )
        assert rows.to_dicts()[2] == {"email": "f", "records": 2}


def test_an_earlier_release_is_read_beside_the_live_one(home: Path) -> None:
    with open_home(home) as reader:
        earlier = reader.at("20260101")
        assert (earlier.release_id, len(earlier.profiles), len(reader.profiles)) == (FIRST, 6, 6)
        assert "merged" in {row["profile_id"] for row in earlier.profiles.to_dicts()}
        with pytest.raises(SettingsError, match=r"0 releases .* begins with '2019'"):
            reader.at("2019")


def test_changes_follow_merges_and_splits(home: Path) -> None:
    with open_home(home) as reader:
        found = [tuple(row.values()) for row in reader.changes(since=FIRST).to_dicts()]
    assert found == [
        ("changed", "changed", "changed"),
        ("created", "created", "created"),
        ("merged", "merged", "survivor"),
        ("part", "split", "part"),
        ("retired", "retired", None),
    ]


def test_a_reader_keeps_its_release_from_being_pruned_and_reads_it_whatever_is_published(home: Path) -> None:
    with open_home(home) as reader:
        _publish(home, "20260103T000000Z-00000c", {"profiles": [("x", "x", None)]})
        assert prune_releases(home / "releases", 1, 0).in_use == (SECOND,)
        assert len(reader.profiles) == 6
    assert prune_releases(home / "releases", 1, 0).removed == (SECOND,)


def test_a_table_that_is_not_there_is_named_with_those_that_are(home: Path) -> None:
    with open_home(home) as reader:
        with pytest.raises(AttributeError, match="has no table 'profile'; it has profile_records, profile_redirects"):
            _ = reader.profile
        assert sorted(reader.tables) == sorted(TABLES)


def test_a_home_without_a_release_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NoReleaseError, match="cdp demo"):
        open_home(tmp_path)


def test_a_program_that_reads_imports_nothing_that_builds(home: Path) -> None:
    program = (
        "import sys; from cdp_orchestration.reader import open_home; reader = open_home(sys.argv[1]); "
        "print(len(reader.profiles)); "
        "heavy = {'dagster', 'dbt', 'splink', 'pandas', 'polars', 'pyarrow', 'great_expectations'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", program, home], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines() == ["6", "[]"]
