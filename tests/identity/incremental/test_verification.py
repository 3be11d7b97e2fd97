"""A sample of neighbourhoods is resolved again: it shows whether the stored state and profiles are right."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from identity import (
    BLOCKLIST,
    OVERRIDES,
    PLATFORM_MAPPING,
    Limits,
    TrainedModel,
    Verification,
    resolve,
    resolve_changes,
    verify_sample,
)
from identity.incremental import verification

pytestmark = pytest.mark.slow  # each resolves a population again

Build = Callable[[dict[str, dict[str, Any]]], pa.Table]
Check = Callable[..., Verification]

JANE = {"given_name": "Jane", "family_name": "Doe", "emails": ["jane@example.com"], "date_of_birth": date(1980, 3, 4)}
JOHN = {"given_name": "John", "family_name": "Roe", "emails": ["john@example.com"], "postcode": "E1 6AN"}
ZOE = {"given_name": "Zoe", "family_name": "Poe", "phones": ["+442071838750"], "loyalty_numbers": ["L1"]}
PEOPLE = {
    "jane": JANE,
    "jane again": {**JANE, "emails": [*JANE["emails"], "info@example.com"]},
    "john": JOHN,
    "john again": {**JOHN, "given_name": "Jon"},
    "john too": {**JOHN, "family_name": "Rowe", "emails": [*JOHN["emails"], "info@example.com"]},
    "zoe": ZOE,
}
BLOCKED = pa.Table.from_pylist([{"identifier_type": "email", "identifier_value": "info@example.com"}], schema=BLOCKLIST)
DECIDED = pa.Table.from_pylist(
    [{"decision": "cannot_link", "person_record_id_left": "john", "person_record_id_right": "john too"}],
    schema=OVERRIDES,
)


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory, person_records: Build, untaught_model: TrainedModel) -> Path:
    """A population whose last change was resolved incrementally, with its stored state and its stored profiles."""
    path = tmp_path_factory.mktemp("population") / "people.duckdb"
    with duckdb.connect(str(path)) as opened:
        _resolve_twice(opened, person_records, untaught_model)
    return path


@pytest.fixture
def connection(population: Path, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(shutil.copy(population, tmp_path)) as opened:
        yield opened


def _resolve_twice(opened: duckdb.DuckDBPyConnection, person_records: Build, model: TrainedModel) -> None:
    options: dict[str, Any] = {"model": model, "overrides": DECIDED, "blocklist": BLOCKED}
    _store(opened, "people", person_records({key: fields for key, fields in PEOPLE.items() if key != "john too"}))
    first = resolve(opened, "people", PLATFORM_MAPPING, store_state_in="main", **options)
    _store(opened, "people", person_records(PEOPLE))
    then = resolve_changes(opened, "people", PLATFORM_MAPPING, state_schema="main", **options)
    groups = {
        row["person_record_id"]: row["cluster_id"] for found in (first, then) for row in found.clusters.to_pylist()
    }
    stored = pa.table({"person_record_id": list(groups), "profile_id": [f"p {group}" for group in groups.values()]})
    _store(opened, "assignments", stored)


@pytest.fixture
def check(connection: duckdb.DuckDBPyConnection, untaught_model: TrainedModel) -> Check:
    def run(seed: str = "a run") -> Verification:
        return verify_sample(
            connection,
            "people",
            PLATFORM_MAPPING,
            "main.assignments",
            model=untaught_model,
            state_schema="main",
            limits=Limits(),
            seed=seed,
        )

    return run


def _store(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    connection.register("rows_arrow", rows)
    connection.execute(f"create or replace table {name} as select * from rows_arrow")
    connection.unregister("rows_arrow")


def test_the_results_of_a_sync_are_those_of_the_records(check: Check) -> None:
    found = check()
    assert (found.records, found.unknown_records, found.moved_records) == (len(PEOPLE), 0, 0)
    assert set(found.differing_rows.values()) == {0}
    assert found.is_equal


@pytest.mark.parametrize(
    "tampering",
    [
        pytest.param("update assignments set profile_id = 'p zoe' where person_record_id = 'john'", id="moved away"),
        pytest.param("update assignments set profile_id = 'p jane' where person_record_id = 'zoe'", id="merged"),
        pytest.param("update assignments set profile_id = 'alone' where person_record_id = 'jane'", id="parted"),
        pytest.param("delete from assignments where person_record_id = 'zoe'", id="forgotten"),
    ],
)
def test_a_stored_profile_that_the_records_do_not_give_is_found(
    connection: duckdb.DuckDBPyConnection, check: Check, tampering: str
) -> None:
    connection.execute(tampering)
    found = check()
    assert found.moved_records > 0
    assert set(found.differing_rows.values()) == {0}
    assert not found.is_equal


@pytest.mark.parametrize(
    ("table", "tampering"),
    [
        ("records", "update resolution_records set neighbourhood = 1 where person_record_id = 'john'"),
        ("records", "update resolution_records set unit_key = 1 where person_record_id = 'zoe'"),
        ("units", "update resolution_units set given_name = 'joan' where first_record = 'jane'"),
        ("units", "delete from resolution_units where first_record = 'zoe'"),
        ("blocks", "delete from resolution_blocks where rule = 'same_postcode'"),
        (
            "oversized_blocks",
            "insert into resolution_oversized_blocks select rule, block from resolution_blocks limit 1",
        ),
        ("identifiers", "update resolution_identifiers set value = 'x@example.com' where person_record_id = 'john'"),
        ("suppressed_values", "delete from resolution_suppressed_values"),
        (
            "conflicting_identifiers",
            "insert into resolution_conflicting_identifiers values ('loyalty_number', 'L1', 2, 2, 'several_names')",
        ),
    ],
)
def test_a_stored_row_that_the_records_do_not_give_is_found(
    connection: duckdb.DuckDBPyConnection, check: Check, table: str, tampering: str
) -> None:
    connection.execute(tampering)
    found = check()
    assert found.differing_rows[table] > 0
    assert not found.is_equal


def test_a_record_that_changed_without_the_state_is_found(connection: duckdb.DuckDBPyConnection, check: Check) -> None:
    connection.execute("update people set postcode = 'SW1A 1AA' where person_record_id = 'zoe'")
    assert check().unknown_records == 1


def test_a_bounded_sample_is_another_one_in_another_run_and_the_same_in_one(
    connection: duckdb.DuckDBPyConnection, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "_SAMPLE_RECORDS", 2)
    connection.execute("update resolution_units set given_name = 'joan' where first_record = 'zoe'")
    found = [check(seed) for seed in "abcdefgh"]
    assert {each.records for each in found} <= {1, 2}
    assert {each.is_equal for each in found} == {True, False}
    assert check("a") == found[0]


def test_verification_changes_no_table(connection: duckdb.DuckDBPyConnection, check: Check) -> None:
    def stored() -> dict[str, list[Any]]:
        tables = [name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()]
        return {name: connection.execute(f"select * from {name} order by all").fetchall() for name in sorted(tables)}

    before = stored()
    check()
    assert stored() == before
