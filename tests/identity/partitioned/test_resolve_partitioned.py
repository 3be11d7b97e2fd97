"""Partitions decide what one resolution decides, row by row, and what it stores goes on from there."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from folder_names import ODD_FOLDER
from partitioned_people import LOW_LIMITS, Build, hard_decisions, hard_people, rows_of

from identity import PLATFORM_MAPPING, IdentityError, Resolution, TrainedModel, resolve, resolve_changes
from identity.partitioned import run as steps_in_order
from identity.partitioned.loop_engine import LoopEngine
from identity.partitioned.resolve_partitioned import resolve_partitioned
from identity.partitioned.stages_of_pairs import decided_of

pytestmark = pytest.mark.slow

MEMORY = 2 << 30
JANE = {"given_name": "Jane", "family_name": "Doe", "emails": ["jane@example.com"], "date_of_birth": date(1980, 3, 4)}
JAN = {**JANE, "given_name": "Jan"}
RESULTS = ("clusters", "edges", "shared_identifiers")


@dataclass(frozen=True)
class Population:
    """The hard cases, what people decided about them, and what one resolution makes and stores of both."""

    people: dict[str, dict[str, Any]]
    records: pa.Table
    decisions: dict[str, Any]
    found: Resolution
    stored: duckdb.DuckDBPyConnection


@dataclass(frozen=True)
class Resolved:
    """A resolution, and the database that it stored its state in."""

    found: Resolution
    stored: duckdb.DuckDBPyConnection


@pytest.fixture(scope="module")
def population(person_records: Build) -> Population:
    people = hard_people()
    records = person_records(people)
    first = resolve(duckdb.connect(), records, PLATFORM_MAPPING)
    decisions = {**hard_decisions(first), "limits": LOW_LIMITS, "model": first.model}
    stored = duckdb.connect()
    found = resolve(stored, records, PLATFORM_MAPPING, **decisions, store_state_in="main", with_figures=True)
    return Population(people, records, decisions, found, stored)


@pytest.fixture(scope="module")
def by_three(population: Population, tmp_path_factory: pytest.TempPathFactory) -> Resolved:
    """What three partitions make and store of the population."""
    stored = duckdb.connect()
    options = {**population.decisions, "store_state_in": "main", "with_figures": True}
    place = tmp_path_factory.mktemp("three") / ODD_FOLDER
    return Resolved(_in_three(place, population.records, stored, **options), stored)


@pytest.fixture
def in_three(tmp_path: Path) -> Callable[..., Resolution]:
    """Resolve records in three partitions."""
    return partial(_in_three, tmp_path)


def _in_three(
    place: Path, records: pa.Table, connection: duckdb.DuckDBPyConnection | None = None, **options: Any
) -> Resolution:
    engine = LoopEngine(MEMORY, place / "spill", most_records=max(-(-len(records) // 3), 1))
    work = connection or duckdb.connect()
    return resolve_partitioned(engine, work, records, PLATFORM_MAPPING, folder=place / "steps", **options)


def test_three_partitions_decide_what_one_resolution_decides(population, by_three):
    found, expected = by_three.found, population.found

    # the population reaches what partitions could get wrong
    assert expected.counts["components_divided"] > 0
    assert expected.counts["components_over_limit"] > 0
    assert expected.skipped_blocks
    assert {row["reason"] for row in expected.shared_identifiers.to_pylist()} >= {
        "blocklisted",
        "too_many_names",
        "several_names",
    }
    for result in RESULTS:
        assert rows_of(getattr(found, result)) == rows_of(getattr(expected, result)), result
    assert found.state_token == expected.state_token
    assert found.skipped_blocks == expected.skipped_blocks
    assert expected.counts.items() <= found.counts.items()
    assert found.figures is not None
    assert expected.figures is not None
    assert found.figures.pairs_by_weight == expected.figures.pairs_by_weight


def test_every_stored_table_is_that_of_one_resolution(population, by_three):
    stored = (population.stored, by_three.stored)
    tables = [name for (name,) in stored[0].execute("select table_name from duckdb_tables()").fetchall()]
    assert "resolution_records" in tables
    for table in tables:
        described, rows = (
            [connection.execute(f"{verb} {table}").fetchall() for connection in stored] for verb in ("describe", "from")
        )
        assert described[0] == described[1], table
        assert sorted(map(repr, rows[0])) == sorted(map(repr, rows[1])), table


def test_changes_go_on_from_a_partitioned_run(population, by_three, person_records, tmp_path):
    before, connection = by_three.found, _copied(by_three.stored, tmp_path / "state")
    changed = _changed(population.people)
    records = person_records(changed)

    found = resolve_changes(connection, records, PLATFORM_MAPPING, **population.decisions, state_schema="main")

    full = resolve(duckdb.connect(), records, PLATFORM_MAPPING, **population.decisions, store_state_in="main")
    touched = set(found.touched.column("person_record_id").to_pylist())
    assert 0 < len(touched) < len(changed)
    unchanged = [row for row in before.clusters.to_table().to_pylist() if row["person_record_id"] not in touched]
    assert sorted(map(repr, [*unchanged, *found.clusters.to_pylist()])) == rows_of(full.clusters)
    kept = [row for row in before.edges.to_table().to_pylist() if row["person_record_id_left"] not in touched]
    assert sorted(map(repr, [*kept, *found.edges.to_pylist()])) == rows_of(full.edges)
    assert rows_of(found.shared_identifiers) == rows_of(full.shared_identifiers)
    assert found.state_token == full.state_token


def _copied(stored: duckdb.DuckDBPyConnection, folder: Path) -> duckdb.DuckDBPyConnection:
    stored.execute(f"export database '{folder}' (format parquet)")
    copy = duckdb.connect()
    copy.execute(f"import database '{folder}'")
    return copy


def _changed(people: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the people without some records, with some that have another's contacts, and with new ones."""
    keys = sorted(people)
    changed = {key: fields for key, fields in people.items() if key not in keys[::97]}
    for key, other in zip(keys[5::71], keys[11::71], strict=False):
        if key in changed:
            changed[key] = {**changed[key], "emails": people[other].get("emails", [])}
    return {**changed, "new:1": JANE, "new:2": {**people[keys[40]], "phones": ["+442079460000"]}}


def test_the_model_of_a_population_that_fits_in_memory_is_that_of_one_resolution(population, in_three):
    found = in_three(population.records)
    assert found.model.version == population.decisions["model"].version


def test_a_model_that_is_trained_on_a_sample_knows_the_size_of_the_population(population, tmp_path):
    small = LoopEngine(4_000 * 700, tmp_path / "spill")
    assert small.records_of_sample == 700
    engine = _Sampling(MEMORY, tmp_path / "spill")
    folder = tmp_path / "steps"
    found = resolve_partitioned(engine, duckdb.connect(), population.records, PLATFORM_MAPPING, folder=folder)
    units = found.counts["units"]
    assert units * 0.9 < found.model.report["unit_count"] < units * 1.1
    # half of the people have half of the names, unless all are counted; a name may be read in another order
    known, expected = (_family_names(each.model) for each in (found, population.found))
    assert len(expected - known) < 0.02 * len(expected)


def _family_names(model: TrainedModel) -> set[str]:
    return {value for value, _ in zip(*model.term_frequencies["family_name"].to_pydict().values(), strict=True)}


class _Sampling(LoopEngine):
    """A loop that trains on half of the people."""

    @property
    def records_of_sample(self) -> int:
        return 700


def test_a_killed_run_goes_on_after_what_it_finished(population, in_three, tmp_path, monkeypatch):
    stage, done = decided_of, []

    def dying(*tables: pa.Table, **settings: Any) -> pa.Table:
        if done:
            raise KeyboardInterrupt
        done.append(stage(*tables, **settings))
        return done[0]

    monkeypatch.setattr(steps_in_order, "decided_of", dying)
    with pytest.raises(KeyboardInterrupt):
        in_three(population.records, **population.decisions)
    monkeypatch.undo()
    finished = {path: path.stat().st_mtime_ns for path in (tmp_path / "steps").glob("*/*.parquet")}
    (bucket,) = (path for path in finished if path.parent.name == "decided")

    found = in_three(population.records, **population.decisions)

    again = {path: path.stat().st_mtime_ns for path in finished if path.exists()}
    assert bucket in again
    assert again.items() <= finished.items()
    assert rows_of(found.clusters) == rows_of(population.found.clusters)
    assert rows_of(found.edges) == rows_of(population.found.edges)
    assert set(found.seconds) <= {"decided", "clusters", "edges", "counts", "conflicting_identifiers"} | {
        "shared_identifiers"
    }


def test_steps_of_other_records_are_never_used(person_records, in_three, untaught_model):
    apart = {"a": JANE, "b": {"given_name": "Zoë", "family_name": "Roe"}}
    assert _groups(in_three(person_records(apart), model=untaught_model)) == {"a", "b"}
    assert _groups(in_three(person_records({"a": JANE, "b": JAN}), model=untaught_model)) == {"a+b"}


def test_steps_of_other_settings_are_never_used(person_records, in_three, untaught_model):
    records = person_records({"a": JANE, "b": JAN})
    assert _groups(in_three(records, model=untaught_model)) == {"a+b"}
    cannot = pa.table({"decision": ["cannot_link"], "person_record_id_left": ["a"], "person_record_id_right": ["b"]})
    assert _groups(in_three(records, model=untaught_model, overrides=cannot)) == {"a", "b"}


def test_no_records_are_no_clusters(person_records, in_three, untaught_model):
    found = in_three(person_records({}), model=untaught_model, with_figures=True)
    assert [getattr(found, result).count_rows() for result in RESULTS] == [0, 0, 0]


def test_a_key_that_two_partitions_hold_is_refused(person_records, in_three, untaught_model):
    records = person_records({"a": JANE, "b": JAN, "c": {}})
    twice = pa.concat_tables([records, records.slice(0, 1)])
    with pytest.raises(IdentityError, match="found 4 rows, 4 with a key, 3 distinct"):
        in_three(twice, model=untaught_model)


def test_processes_decide_what_one_process_decides(
    person_records: Build, untaught_model: TrainedModel, tmp_path: Path
) -> None:
    alone = LoopEngine(MEMORY, tmp_path / "spill", most_records=2)
    records = person_records({"a": JANE, "b": JAN, "c": {"given_name": "Zoë", "family_name": "Roe"}})
    folder = tmp_path / "steps"
    options = {"folder": folder, "model": untaught_model}
    expected = _groups(resolve_partitioned(alone, duckdb.connect(), records, PLATFORM_MAPPING, **options))
    assert expected == {"a+b", "c"}
    # made of the files of a step, of the rows of buckets, and of what comes of both
    again = ("features", "decided", "clusters")
    for step in again:
        shutil.rmtree(folder / step)
    found = resolve_partitioned(replace(alone, processes=2), duckdb.connect(), records, PLATFORM_MAPPING, **options)
    assert set(again) <= set(found.seconds)
    assert "units" not in found.seconds
    assert _groups(found) == expected


def _groups(found: Resolution) -> set[str]:
    clusters: dict[str, list[str]] = {}
    for row in found.clusters.to_table().to_pylist():
        clusters.setdefault(row["cluster_id"], []).append(row["person_record_id"])
    return {"+".join(sorted(keys)) for keys in clusters.values()}
