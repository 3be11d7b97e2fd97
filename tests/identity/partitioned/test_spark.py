"""Spark decides what one resolution decides, row by row."""

from pathlib import Path

import pytest
from partitioned_people import Build
from spark_decisions import NEEDS_SPARK, assert_decides_what_one_resolution_decides, open_session

pytest.importorskip("pyspark", reason="the extra [spark] is not installed: make setup-spark")
pytestmark = NEEDS_SPARK


def test_spark_on_a_master_decides_what_one_resolution_decides(person_records: Build, tmp_path: Path) -> None:
    with open_session("local[2]", tmp_path / "spill") as engine:
        assert not type(engine.session).__module__.startswith("pyspark.sql.connect")
        assert_decides_what_one_resolution_decides(engine, person_records, tmp_path)
