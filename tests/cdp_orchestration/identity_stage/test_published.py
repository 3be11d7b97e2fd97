"""Profile ids follow from what the live release says, whatever was decided and never published."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from examples import examples
from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as st
from identity_releases import publish_identity

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.identity_stage.published import assignments_now, published_views, to_decide
from cdp_orchestration.identity_stage.tables import create_identity_tables, store_resolution
from cdp_orchestration.release.reader import live_release
from identity import CLUSTERS, OUTPUT_SCHEMAS, Resolution, TrainedModel, assign_profile_ids

MONDAY = datetime(2026, 8, 3)  # noqa: DTZ001 - the warehouse holds naive UTC
RECORDS = [f"support:user:{n}" for n in range(7)]
PARTITIONS = st.dictionaries(st.sampled_from(RECORDS), st.integers(0, 3), max_size=7)
NUMBERS = count(1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path)


@pytest.fixture
def connection(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_warehouse(settings.warehouse) as opened:
        opened.execute("create table staging.person_records (person_record_id varchar)")
        create_identity_tables(opened)
        yield opened


def _clusters(labels: dict[str, int]) -> pa.Table:
    rows = [
        {"person_record_id": key, "cluster_id": str(label), "link_reason": "must_link", "match_probability": 1.0}
        for key, label in labels.items()
    ]
    return pa.Table.from_pylist(rows, schema=CLUSTERS)


def _run(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    labels: dict[str, int],
    touched: set[str] | None,
    run_id: str = "run",
) -> None:
    """Decide and store a run that resolved these records, or all, again."""
    chosen = {key: label for key, label in labels.items() if touched is None or key in touched}
    keys = None if touched is None else pa.table({"person_record_id": pa.array(sorted(touched), pa.string())})
    model = TrainedModel(prior=0.1, household_odds=1.0, parameters={}, term_frequencies={})
    resolution = Resolution(
        clusters=_clusters(chosen),
        edges=OUTPUT_SCHEMAS["match_edges"].empty_table(),
        shared_identifiers=OUTPUT_SCHEMAS["shared_identifiers"].empty_table(),
        model=model,
        touched=keys,
    )
    with published_views(connection, live_release(settings.releases)):
        known = to_decide(connection, resolution.clusters, keys)
        changes = assign_profile_ids(
            known.clusters,
            known.published,
            previous_redirects=known.redirects,
            unpublished=known.unpublished,
            now=MONDAY + timedelta(days=next(NUMBERS)),
            run_id=run_id,
        )
        expected = assignments_now(connection, changes.assignments, known.records)
        store_resolution(connection, resolution, changes, known.records)
    stored = connection.execute("select * from identity.profile_assignments order by 1").to_arrow_table()
    assert stored.to_pylist() == sorted(expected.to_pylist(), key=lambda row: row["person_record_id"])


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def _profiles(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return dict(_rows(connection, "select person_record_id, profile_id from identity.profile_assignments order by 1"))


def _touched(before: dict[str, int], now: dict[str, int]) -> set[str]:
    """Every record of a cluster that has changed, as a resolution of what changed returns it."""

    def groups(labels: dict[str, int]) -> set[frozenset[str]]:
        return {frozenset(key for key in labels if labels[key] == label) for label in labels.values()}

    return {key for group in groups(before) ^ groups(now) for key in group}


@tries(deadline=None, max_examples=examples(3), suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(PARTITIONS, st.booleans()), max_size=5))
def test_a_decision_about_what_changed_gives_the_ids_of_a_decision_about_everything(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[dict[str, int], bool]]
) -> None:
    homes = [Settings(tmp_path_factory.mktemp("home")) for _ in range(2)]
    before: dict[str, int] = {}
    for labels, is_published in steps:
        found = []
        for settings, touched in zip(homes, (_touched(before, labels), None), strict=True):
            with open_warehouse(settings.warehouse) as connection:
                connection.execute("create table if not exists staging.person_records (person_record_id varchar)")
                _run(connection, settings, labels, touched)
                redirects = _rows(connection, "select old_profile_id, profile_id from identity.profile_redirects")
                events = _rows(
                    connection, "select event_type, profile_id, other_profile_id from identity.profile_events"
                )
                found.append((_profiles(connection), redirects, events))
                if is_published:
                    publish_identity(connection, settings)
        _assert_equal_but_for_the_names_of_ids(*found)
        before = labels


def _assert_equal_but_for_the_names_of_ids(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    names = dict(zip(one[0].values(), other[0].values(), strict=True))
    assert len(set(names.values())) == len(names)
    assert [names[profile] for profile in one[0].values()] == list(other[0].values())
    # an id that is no longer in use has no record to compare it by: what is left is how often it is named
    for rows, others in zip(one[1:], other[1:], strict=True):
        shown = [
            sorted(str([names.get(value, value) if value in names else None for value in row[1:]]) for row in rows)
        ]
        known = set(names.values())
        assert shown == [sorted(str([value if value in known else None for value in row[1:]]) for row in others)]


def test_a_refused_release_does_not_shift_ids(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    member, shopper, _ = RECORDS[:3]
    _run(connection, settings, {member: 1, shopper: 2}, None)
    publish_identity(connection, settings)
    seen = _profiles(connection)

    _run(connection, settings, {member: 1, shopper: 1}, {member, shopper}, "refused")
    assert len(set(_profiles(connection).values())) == 1
    _run(connection, settings, {member: 1, shopper: 2}, {member, shopper}, "mended")

    assert _profiles(connection) == seen
    assert _rows(connection, "select * from identity.profile_redirects") == []
    assert _rows(connection, "select distinct run_id from identity.profile_events") == [("run",)]


def test_what_was_decided_and_not_published_is_decided_again_even_where_nothing_is_touched(
    connection: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    one, other, third = RECORDS[:3]
    _run(connection, settings, {one: 1, other: 2}, None)
    publish_identity(connection, settings)
    before = _profiles(connection)
    _run(connection, settings, {one: 1, other: 1, third: 3}, {one, other, third}, "killed")
    stored = _profiles(connection)
    query = "select * exclude (run_id) from identity.profile_events order by all"
    events = _rows(connection, query)

    _run(connection, settings, {one: 1, other: 1, third: 3}, set(), "again")

    assert _profiles(connection) == stored
    assert _rows(connection, query) == events
    unpublished = "select distinct run_id from identity.profile_events order by 1"
    assert _rows(connection, unpublished) == [("again",), ("run",)]
    redirects = _rows(connection, "select old_profile_id, profile_id from identity.profile_redirects")
    assert redirects == [(before[other], before[one])]


def test_a_release_that_an_older_version_cut_lacks_columns_and_still_decides(
    connection: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    one = RECORDS[0]
    _run(connection, settings, {one: 1}, None)
    publish_identity(connection, settings)
    before = _profiles(connection)
    release = live_release(settings.releases)
    assert release
    tables = release.manifest["tables"]
    older = [column for column in tables["profile_events"]["columns"] if column["name"] != "override_id"]
    manifest = {
        **release.manifest,
        "tables": {**tables, "profile_events": {**tables["profile_events"], "columns": older}},
    }
    with published_views(connection, replace(release, manifest=manifest)):
        assert _rows(connection, "select event_type, override_id from published_profile_events") == [("created", None)]
        assert to_decide(connection, _clusters({one: 1}), None).published.num_rows == len(before)


def test_tables_of_an_older_version_get_the_columns_that_they_lack(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("alter table identity.profile_events drop column override_id")
    create_identity_tables(connection)
    names = [row[0] for row in _rows(connection, "describe identity.profile_events")]
    assert set(names) == set(OUTPUT_SCHEMAS["profile_events"].names)
