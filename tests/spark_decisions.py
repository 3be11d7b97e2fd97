"""What Spark decides, compared with one resolution: for a session on a master and one of Spark Connect.

They are tested in modules of their own, since a module's tests share a process, and each session takes a minute.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
from folder_names import ODD_FOLDER
from partitioned_people import LOW_LIMITS, Build, hard_decisions, hard_people, rows_of

from identity import PLATFORM_MAPPING, resolve
from identity.partitioned.resolve_partitioned import resolve_partitioned

if TYPE_CHECKING:
    from cdp_orchestration.identity_stage.spark_engine import SparkEngine

NEEDS_SPARK = [
    pytest.mark.spark,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java 17, and there is no java"),
]


@contextmanager
def open_session(master: str | None, spill: Path) -> "Iterator[SparkEngine]":
    """Open a session, for the block, whose tasks hold so few records that there are several partitions."""
    from cdp_orchestration.identity_stage.spark_engine import open_spark

    engine = open_spark(master, 1 << 30, 1 << 30, spill, most_records=600)
    try:
        yield engine
    finally:
        engine.session.stop()


def assert_decides_what_one_resolution_decides(engine: "SparkEngine", person_records: Build, tmp_path: Path) -> None:
    """Resolve hard cases by the engine and in memory, and compare each row of the results."""
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
