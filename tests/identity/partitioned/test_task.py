"""The database of one task keeps within its bounds, and out of the way of the others."""

from pathlib import Path

from identity.partitioned.task import Resources


def test_two_databases_that_spill_at_the_same_time_keep_their_files_apart(tmp_path: Path) -> None:
    resources = Resources(0, str(tmp_path / "spill"), threads=1)
    with resources.connect() as first, resources.connect() as second:
        for number, connection in enumerate((first, second)):
            connection.execute("set memory_limit = '60MiB'")
            connection.execute(f"create table t as select hash(n + {number}) as h, n from range(6_000_000) as r (n)")
        folders = [path for path in (tmp_path / "spill").iterdir() if any(path.iterdir())]
        assert len(folders) == 2
        for connection in (first, second):
            found = connection.execute("select count(distinct n), max(n) from t").fetchall()
            assert found == [(6_000_000, 5_999_999)]
    assert list((tmp_path / "spill").iterdir()) == []
