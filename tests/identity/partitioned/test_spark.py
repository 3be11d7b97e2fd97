"""Spark decides what one resolution decides, row by row."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from folder_names import ODD_FOLDER
from partitioned_people import LOW_LIMITS, Build, hard_decisions, hard_people, rows_of

from identity import PLATFORM_MAPPING, resolve
from identity.partitioned.resolve_partitioned import resolve_partitioned

pytest.importorskip("pyspark", reason="the extra [spark] is not installed: make setup-spark")
pytestmark = [
    pytest.mark.spark,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java 17, and there is no java"),
]


@pytest.fixture(scope="module", params=["a master", "Spark Connect"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from cdp_orchestration.identity_stage.spark_engine import open_spark

    is_connected = request.param == "Spark Connect"
    with pytest.MonkeyPatch.context() as environment:
        if is_connected:
            environment.setenv("SPARK_REMOTE", "local[2]")
        master = None if is_connected else "local[2]"
        found = open_spark(master, 1 << 30, 1 << 30, tmp_path_factory.mktemp("spill"), most_records=600)
        assert type(found.session).__module__.startswith("pyspark.sql.connect") == is_connected
        yield found
        found.session.stop()


def test_spark_decides_what_one_resolution_decides(engine: Any, person_records: Build, tmp_path: Path) -> None:
    records = person_records(hard_people())
    first = resolve(duckdb.connect(), records, PLATFORM_MAPPING)
    options = {**hard_decisions(first), "limits": LOW_LIMITS, "model": first.model, "store_state_in": "main"}
    expected = resolve(duckdb.connect(), records, PLATFORM_MAPPING, **options)

    found = resolve_partitioned(
        engine, duckdb.connect(), records, PLATFORM_MAPPING, folder=tmp_path / ODD_FOLDER, **options
    )

    for result in ("clusters", "edges", "shared_identifiers"):
        assert rows_of(getattr(found, result)) == rows_of(getattr(expected, result)), result
    assert found.state_token == expected.state_token
    assert found.skipped_blocks == expected.skipped_blocks
    assert expected.counts.items() <= found.counts.items()
