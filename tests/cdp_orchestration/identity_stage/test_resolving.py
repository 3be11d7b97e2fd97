"""The stage resolves what changed, trains when much has changed, and asks before a new model moves people."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from identity_releases import publish_identity

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.identity_stage import models, resolving
from cdp_orchestration.identity_stage.decisions import Override, add_override
from cdp_orchestration.identity_stage.models import (
    approve_candidate,
    model_in_force,
    put_in_force,
    waiting_candidate,
)
from cdp_orchestration.identity_stage.resolving import compare_candidate, update_identity
from cdp_orchestration.identity_stage.runs import last_run

pytestmark = pytest.mark.slow

_TEXTS = ("full_name", "given_name", "middle_name", "family_name", "address_line", "city", "region", "postcode")
_LISTS = ("emails", "phones", "loyalty_numbers", "shop_customer_ids", "card_fingerprints", "other_identifiers")
_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("person_record_id", *_TEXTS, "country_code")]
    + [("date_of_birth", pa.date32())]
    + [(name, pa.list_(pa.string())) for name in _LISTS]
)
Deliver = Callable[[dict[str, dict[str, Any]]], None]


def _person(number: int, **fields: Any) -> dict[str, Any]:
    given = ["Ada", "Bo", "Cleo", "Dov", "Eva"][number % 5]
    born = date(1950 + number % 50, 1 + number % 12, 1 + number % 28)
    named = {"given_name": given, "family_name": f"Name{number // 5}", "date_of_birth": born}
    return {**named, "emails": [f"{given}{number}@example.com".lower()], **fields}


PEOPLE = {f"crm:contact:{n}": _person(n) for n in range(60)} | {
    f"support:user:{n}": _person(n, date_of_birth=None) for n in range(0, 60, 2)
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    # nothing in these tests is trained because of its share of changes alone
    return Settings(tmp_path, identity_training_share=1.0)


@pytest.fixture(scope="module")
def after_first_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose people a run with the name ``first`` has resolved; the tests copy it."""
    settings = Settings(tmp_path_factory.mktemp("first"), identity_training_share=1.0)
    with open_warehouse(settings.warehouse) as opened:
        _deliver(opened, PEOPLE)
        update_identity(opened, settings, "first")
    return settings.home


@pytest.fixture
def first_run(after_first_run: Path, settings: Settings) -> None:
    """Let the home of the test begin where the people have been resolved."""
    shutil.copytree(after_first_run, settings.home, dirs_exist_ok=True)


@pytest.fixture
def connection(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_warehouse(settings.warehouse) as opened:
        yield opened


@pytest.fixture
def deliver(connection: duckdb.DuckDBPyConnection) -> Deliver:
    return lambda people: _deliver(connection, people)


def _deliver(connection: duckdb.DuckDBPyConnection, people: dict[str, dict[str, Any]]) -> None:
    empty = {field.name: [] if pa.types.is_list(field.type) else None for field in _SCHEMA}
    rows = [{**empty, "person_record_id": key, **fields} for key, fields in people.items()]
    connection.register("delivered", pa.Table.from_pylist(rows, schema=_SCHEMA))
    connection.execute("create or replace table staging.person_records as select * from delivered")
    connection.unregister("delivered")


def _profiles(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return dict(connection.execute("select person_record_id, profile_id from identity.profile_assignments").fetchall())


def _table(connection: duckdb.DuckDBPyConnection, name: str) -> list[tuple[Any, ...]]:
    return sorted(connection.execute(f"select * from identity.{name}").fetchall(), key=str)


def test_a_second_run_resolves_what_changed_and_leaves_what_a_full_run_leaves(
    connection: duckdb.DuckDBPyConnection, settings: Settings, deliver: Deliver
) -> None:
    deliver(PEOPLE)
    assert update_identity(connection, settings, "first")["resolved"] == "everything"
    before = _profiles(connection)
    changed = {key: fields for key, fields in PEOPLE.items() if key != "crm:contact:7"}
    deliver(changed | {"support:user:1": _person(1), "crm:contact:2": _person(2, emails=["new@example.com"])})
    assert update_identity(connection, settings, "second")["resolved"] == "what changed"
    after, edges = _profiles(connection), _table(connection, "match_edges")
    assert after["support:user:1"] == before["crm:contact:1"] == after["crm:contact:1"]
    assert "crm:contact:7" not in after
    connection.execute("drop table identity.resolution_state")
    assert update_identity(connection, settings, "third")["resolved"] == "everything"
    assert _profiles(connection) == after
    assert _table(connection, "match_edges") == edges


def test_another_limit_resolves_everything_by_it(
    connection: duckdb.DuckDBPyConnection, settings: Settings, deliver: Deliver
) -> None:
    emails = [f"ada{n}@example.com" for n in range(4)]
    mailboxes = {f"crm:contact:{100 + n}": _person(0, emails=[email]) for n, email in enumerate(emails)}
    deliver(PEOPLE | mailboxes)
    update_identity(connection, settings, "first")
    assert len({_profiles(connection)[key] for key in mailboxes}) == 1
    settings.identity_limits.parent.mkdir()
    settings.identity_limits.write_text("limit,value,why\nemails_per_profile,2,one each", encoding="utf-8")
    assert update_identity(connection, settings, "second")["resolved"] == "everything"
    assert len({_profiles(connection)[key] for key in mailboxes}) > 1


def test_charts_are_drawn_when_everything_is_resolved_and_stay_when_not(
    connection: duckdb.DuckDBPyConnection, settings: Settings, deliver: Deliver
) -> None:
    deliver(PEOPLE)
    first = update_identity(connection, settings, "first", charts_in=settings.reports)
    drawn = {path.stem: path.read_bytes() for path in settings.reports.iterdir()}
    assert (
        drawn.keys() == first["charts"].keys() == {"match_weights", "pair_scores", "profile_sizes", "record_evidence"}
    )
    deliver({key: fields for key, fields in PEOPLE.items() if key != "crm:contact:7"})
    assert update_identity(connection, settings, "second", charts_in=settings.reports)["charts"] == {}
    assert {path.stem: path.read_bytes() for path in settings.reports.iterdir()} == drawn


@pytest.mark.usefixtures("first_run")
def test_a_run_that_stored_its_state_but_not_its_tables_is_made_good_by_the_next(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    deliver: Deliver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deliver(PEOPLE | {"support:user:1": _person(1)})
    with monkeypatch.context() as killed:
        killed.setattr(resolving, "store_resolution", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            update_identity(connection, settings, "killed")
    assert update_identity(connection, settings, "third")["resolved"] == "everything"
    profiles = _profiles(connection)
    assert profiles["support:user:1"] == profiles["crm:contact:1"]


@pytest.mark.usefixtures("first_run")
def test_a_model_within_the_churn_budget_comes_into_force_by_itself(
    connection: duckdb.DuckDBPyConnection, settings: Settings, deliver: Deliver
) -> None:
    first = model_in_force(settings)
    deliver(PEOPLE | {f"crm:contact:{n}": _person(n) for n in range(60, 90)})
    about = update_identity(connection, replace(settings, identity_training_share=0.1), "second")
    assert about["candidate"]["is_within_budget"]
    second = model_in_force(settings)
    assert first
    assert second
    assert second.version == about["candidate"]["model_version"] != first.version
    run = last_run(connection)
    assert run
    assert run.is_trained
    assert update_identity(connection, settings, "third")["resolved"] == "what changed"


@pytest.mark.usefixtures("first_run")
def test_a_model_that_moves_too_many_waits_for_approval_and_the_old_one_decides_on(
    connection: duckdb.DuckDBPyConnection, settings: Settings, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "ALLOWED_IN_ANY_CASE", 0)
    trained = model_in_force(settings)
    assert trained
    # a model that links next to nothing: whatever is trained from the records moves many of them
    odd = replace(trained, prior=1e-12)
    put_in_force(settings, odd)
    update_identity(connection, settings, "odd")
    apart = _profiles(connection)
    publish_identity(connection, settings)
    about = update_identity(connection, replace(settings, identity_churn_share=0.0), "second", train=True)
    assert not about["candidate"]["is_within_budget"]
    assert _profiles(connection) == apart
    waiting = waiting_candidate(settings)
    in_force = model_in_force(settings)
    assert waiting
    assert in_force
    assert (waiting.model_version, in_force.version) == (trained.version, odd.version)
    approve_candidate(settings)
    update_identity(connection, settings, "third")
    assert len(set(_profiles(connection).values())) < len(set(apart.values()))
    assert waiting_candidate(settings) is None
    causes = connection.execute("select distinct cause from identity.profile_events where run_id = 'third'").fetchall()
    assert causes == [("new_model_version",)]


@pytest.mark.usefixtures("first_run")
def test_a_model_that_older_code_saved_is_trained_anew_and_profiles_keep_their_ids(
    connection: duckdb.DuckDBPyConnection, settings: Settings, deliver: Deliver
) -> None:
    before, model = _profiles(connection), model_in_force(settings)
    assert model
    saved = settings.models / model.version / "model.json"
    saved.write_text(json.dumps(json.loads(saved.read_text()) | {"format": 1}))
    assert model_in_force(settings) is None
    update_identity(connection, settings, "second")
    assert model_in_force(settings) is not None
    assert _profiles(connection) == before


@pytest.mark.usefixtures("first_run")
def test_comparing_a_candidate_changes_no_table(
    connection: duckdb.DuckDBPyConnection, settings: Settings, deliver: Deliver
) -> None:
    before = _profiles(connection)
    deliver(PEOPLE | {f"crm:contact:{n}": _person(n) for n in range(60, 90)})
    found = compare_candidate(connection, settings)
    assert (found.record_count, found.moved_record_count) == (len(PEOPLE), 0)
    assert waiting_candidate(settings) == found
    assert _profiles(connection) == before


def _row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    return connection.execute(query).fetchall()[0]


def test_a_record_that_changes_everything_keeps_its_person_until_somebody_parts_them(
    connection: duckdb.DuckDBPyConnection, settings: Settings, deliver: Deliver
) -> None:
    people = PEOPLE | {"support:user:2": _person(2)}
    deliver(people)
    update_identity(connection, settings, "first")
    publish_identity(connection, settings)
    before = _profiles(connection)
    moved = _person(2, family_name="Fortescue", emails=["c.fortescue@example.net"], phones=["+442071230001"])
    for run, changed in (("second", moved), ("third", moved | {"city": "Leeds"})):
        deliver(people | {"crm:contact:2": changed})
        update_identity(connection, settings, run)
        assert _profiles(connection) == before
        edge = _row(connection, "select reason, is_used from identity.match_edges where reason = 'same_record_key'")
        assert edge == ("same_record_key", True)
        publish_identity(connection, settings)
    events = connection.execute("select run_id, profile_id from identity.profile_events where event_type = 'kept'")
    assert events.fetchall() == [("second", before["crm:contact:2"])]
    connection.execute("drop table identity.resolution_state")
    update_identity(connection, settings, "everything")
    assert _profiles(connection) == before

    pair = ("crm:contact:2", "support:user:2")
    add_override(settings, Override("cannot_link", *pair, "ida", "2026-11-01T00:00:00Z", "another customer"))
    update_identity(connection, settings, "parted")
    after = _profiles(connection)
    assert after["crm:contact:2"] != after["support:user:2"]
    assert {after[key] for key in pair} > {before["support:user:2"]}
    event = _row(connection, "select cause, decided_by from identity.profile_events where event_type = 'split'")
    assert event == ("override_cannot_link", "ida")


def test_a_record_that_became_somebody_else_leaves_and_a_review_asks_about_it(
    connection: duckdb.DuckDBPyConnection, settings: Settings, deliver: Deliver
) -> None:
    people = PEOPLE | {"support:user:2": _person(2)}
    deliver(people)
    update_identity(connection, settings, "first")
    publish_identity(connection, settings)
    before = _profiles(connection)
    stranger = {"given_name": "Wilfred", "family_name": "Oakes", "emails": ["w.oakes@example.net"]}
    deliver(people | {"crm:contact:2": _person(2, **stranger, date_of_birth=date(1931, 5, 5))})
    update_identity(connection, settings, "second")
    after = _profiles(connection)
    assert after["support:user:2"] == before["support:user:2"] != after["crm:contact:2"]
    for run in ("published", "everything"):
        publish_identity(connection, settings)
        connection.execute("drop table identity.resolution_state")
        update_identity(connection, settings, run)
        edges = connection.execute("select * from identity.match_edges where kept_apart_by = 'changed_identity'")
        assert [row[:3] for row in edges.fetchall()] == [("crm:contact:2", "support:user:2", "same_record_key")]
    causes = connection.execute("select event_type, cause from identity.profile_events where run_id = 'second'")
    assert sorted(causes.fetchall()) == [
        ("created", "record_changed_everything"),
        ("split", "record_changed_everything"),
    ]


@pytest.mark.usefixtures("first_run")
def test_a_model_that_is_trained_in_the_same_sync_is_measured_by_the_release(
    connection: duckdb.DuckDBPyConnection, settings: Settings, deliver: Deliver
) -> None:
    publish_identity(connection, settings)
    before = _profiles(connection)
    trained = model_in_force(settings)
    assert trained
    # the model in force joins next to nothing, what is trained joins again what readers saw joined
    put_in_force(settings, replace(trained, prior=1e-12))
    about = update_identity(connection, replace(settings, identity_churn_share=1.0), "second", train=True)
    assert about["candidate"]["is_within_budget"]
    assert about["candidate"]["moved_record_count"] > 0
    assert _profiles(connection) == before
    assert connection.execute("select distinct run_id from identity.profile_events").fetchall() == [("first",)]
    assert connection.execute("select count(*) from identity.profile_redirects").fetchall() == [(0,)]
