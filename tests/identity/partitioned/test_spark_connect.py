"""A server of Spark Connect decides what one resolution decides, row by row."""

from pathlib import Path

import pytest
from partitioned_people import Build
from spark_decisions import NEEDS_SPARK, assert_decides_what_one_resolution_decides, open_session

pytest.importorskip("pyspark", reason="the extra [spark] is not installed: make setup-spark")
pytestmark = NEEDS_SPARK


def test_spark_connect_decides_what_one_resolution_decides(
    person_records: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARK_REMOTE", "local[2]")
    with open_session(None, tmp_path / "spill") as engine:
        assert type(engine.session).__module__.startswith("pyspark.sql.connect")
        assert_decides_what_one_resolution_decides(engine, person_records, tmp_path)
