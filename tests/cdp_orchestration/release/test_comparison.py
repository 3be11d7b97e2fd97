"""What changes for readers between two releases, in numbers, on literal rows."""

from pathlib import Path

import duckdb

from cdp_orchestration.release.comparison import Moved, compare_releases
from cdp_orchestration.release.reader import Release

COLUMNS = {
    "profiles": "profile_id varchar, email varchar, updated_at timestamp",
    "profile_records": "person_record_id varchar, profile_id varchar",
    "audiences": "profile_id varchar, audience varchar, left_at timestamp",
    "cx_scorecard": "function varchar, metric varchar, unit varchar, value double, sample_size bigint",
    "profile_metrics": "profile_id varchar, revenue_amount decimal(18,2), currency varchar",
}


def _release(folder: Path, tables: dict[str, list[tuple[object, ...]]]) -> Release:
    folder.mkdir()
    manifest: dict[str, object] = {}
    with duckdb.connect() as connection:
        for name, rows in tables.items():
            connection.execute(f"create table {name} ({COLUMNS[name]})")
            for row in rows:
                connection.execute(f"insert into {name} values ({', '.join('?' * len(row))})", row)
            connection.execute(f"copy {name} to '{folder}/{name}.parquet' (format parquet)")
            columns = [{"name": each.split()[0], "type": each.split()[1]} for each in COLUMNS[name].split(", ")]
            entry = {"file": f"{name}.parquet", "rows": len(rows), "sha256": str(sorted(map(str, rows)))}
            manifest[name] = entry | {"columns": columns}
    return Release(folder, {"release_id": folder.name, "tables": manifest})


def _profiles(profiles: dict[str, str], records: dict[str, str]) -> dict[str, list[tuple[object, ...]]]:
    return {
        "profiles": [(each, email, "2026-01-01") for each, email in profiles.items()],
        "profile_records": list(records.items()),
    }


def test_each_profile_is_counted_by_what_became_of_it(tmp_path: Path) -> None:
    before = _release(
        tmp_path / "a",
        _profiles(
            {"same": "a@x", "changed": "b@x", "survivor": "c@x", "merged": "d@x", "retired": "e@x", "whole": "f@x"},
            {"1": "same", "2": "changed", "3": "survivor", "4": "merged", "5": "retired", "6": "whole", "7": "whole"},
        ),
    )
    after = _release(
        tmp_path / "b",
        _profiles(
            {"same": "a@x", "changed": "new@x", "survivor": "c@x", "whole": "f@x", "part": "f@x", "created": "g@x"},
            {"1": "same", "2": "changed", "3": "survivor", "4": "survivor", "6": "whole", "7": "part", "8": "created"},
        ),
    )
    assert compare_releases(before, after).profiles == {
        "created": 1,
        "merged": 1,
        "split": 1,
        "retired": 1,
        "changed": 1,
        "same": 3,
        "moved_records": 2,
    }


def test_members_of_audiences_means_of_measures_and_revenue_are_compared(tmp_path: Path) -> None:
    score = ("support", "csat", "score")
    before = _release(
        tmp_path / "a",
        {
            "audiences": [("1", "promoters", None), ("2", "promoters", None), ("3", "promoters", "2026-01-01")],
            "cx_scorecard": [(*score, 5.0, 1), (*score, 3.0, 3)],
            "profile_metrics": [("1", 10, "EUR"), ("2", 5, "EUR"), ("3", 7, "USD")],
        },
    )
    after = _release(
        tmp_path / "b",
        {
            "audiences": [("1", "promoters", None), ("1", "win_back", None)],
            "cx_scorecard": [(*score, 5.0, 4)],
            "profile_metrics": [("1", 10, "EUR"), ("3", 7, "USD")],
        },
    )
    found = compare_releases(before, after)
    assert found.audiences == (Moved("promoters", "profiles", 2, 1), Moved("win_back", "profiles", None, 1))
    assert found.measures == (Moved("support.csat", "score", 3.5, 5.0), Moved("revenue", "EUR", 15.0, 10.0))


def test_tables_and_columns_that_came_went_or_changed_are_named(tmp_path: Path) -> None:
    before = _release(tmp_path / "a", {"audiences": [], "profile_metrics": [("1", 1, "EUR")]})
    after = _release(tmp_path / "b", {"profile_metrics": [("1", 1, "EUR")], "profile_records": [("1", "1")]})
    entry = after.manifest["tables"]["profile_metrics"]
    entry["columns"] = [{"name": "profile_id", "type": "bigint"}, {"name": "added", "type": "varchar"}]
    entry["sha256"] = "other"
    tables = {each.table: each for each in compare_releases(before, after).tables}
    assert {name: (each.rows_before, each.rows_after) for name, each in tables.items()} == {
        "audiences": (0, None),
        "profile_metrics": (1, 1),
        "profile_records": (None, 1),
    }
    assert tables["profile_metrics"].columns == (
        "added: added",
        "currency: removed",
        "profile_id: varchar became bigint",
        "revenue_amount: removed",
    )


def test_a_release_differs_in_nothing_from_itself(tmp_path: Path) -> None:
    release = _release(tmp_path / "a", _profiles({"1": "a@x"}, {"1": "1"}))
    found = compare_releases(release, release)
    assert (found.tables, found.audiences, found.measures) == ((), (), ())
    assert found.profiles["same"] == 1
