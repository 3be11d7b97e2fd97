"""An empty warehouse in memory, rows written from literals, and gates asked at a fixed time."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import duckdb
import pytest

from expectations import Gate, GateResult, check_table

Row = dict[str, Any]
Failure = tuple[str, int | None, tuple[str, ...]]

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for stage in ("landing", "staging", "identity", "profiles", "journeys"):
            connection.execute(f"create schema {stage}")
        yield connection


@pytest.fixture
def store(warehouse: duckdb.DuckDBPyConnection) -> Callable[..., None]:
    """Create (or replace) a table of these columns and put the rows in; what a row leaves out is null."""

    def write(table: str, columns: str, *rows: Row) -> None:
        warehouse.execute(f"create or replace table {table} ({columns})")
        for row in rows:
            names = ", ".join(f'"{name}"' for name in row)
            marks = ", ".join("?" for _ in row)
            warehouse.execute(f"insert into {table} ({names}) values ({marks})", list(row.values()))

    return write


@pytest.fixture
def check(warehouse: duckdb.DuckDBPyConnection) -> Callable[[Gate], GateResult]:
    """Ask a gate about its own table in the warehouse."""

    def ask(gate: Gate) -> GateResult:
        return check_table(warehouse, f"{gate.stage}.{gate.table}", gate, checked_at=NOON)

    return ask


@pytest.fixture
def failures(check: Callable[[Gate], GateResult]) -> Callable[[Gate], dict[str, Failure]]:
    """The failed checks of a gate: name to severity, failing rows and sample keys."""

    def ask(gate: Gate) -> dict[str, Failure]:
        return {
            each.check_name: (each.severity, each.failed_row_count, each.sample_keys)
            for each in check(gate).outcomes
            if not each.is_passed
        }

    return ask
