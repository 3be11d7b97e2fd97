"""Readers keep the ids that they have seen, whatever a home goes through between two releases."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from id_rule import Seen, assert_ids_follow_the_rule
from release_comparison import release_of

from cdp_orchestration.dagster.code_location import build_definitions
from cdp_orchestration.dagster.instance import open_instance
from cdp_orchestration.demo import write_demo
from cdp_orchestration.home.settings import Settings

pytestmark = pytest.mark.long

Cdp = Callable[..., "subprocess.CompletedProcess[str]"]


def _run(cdp: Cdp, home: Path, *arguments: str) -> str:
    result = cdp(home, *arguments)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def _deliver(home: Path, drop: int) -> None:
    write_demo(home / "inbox", home / "demo_truth.csv", customers=70, seed=23, drops=(drop,))


def _decide_by_hand(home: Path) -> None:
    """Materialize everything up to identity, as in Dagster's UI, and publish nothing."""
    definitions = build_definitions()
    keys = [
        spec.key
        for spec in definitions.resolve_all_asset_specs()
        if spec.group_name in {"landing", "staging", "identity"}
    ]
    with open_instance(Settings(home)) as instance:
        job = definitions.resolve_implicit_global_asset_job_def()
        assert job.execute_in_process(
            instance=instance,
            asset_selection=[dg.AssetKey(key.path) for key in keys],
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        ).success


def _seen(home: Path) -> Seen:
    with release_of(home).connect() as release:
        records = release.execute(
            "select person_record_id, profile_id, profile_id_first from profile_records"
        ).fetchall()
        redirects = release.execute("select old_profile_id, profile_id from profile_redirects").fetchall()
        events = release.execute("select event_type, profile_id, other_profile_id from profile_events").fetchall()
    return Seen(
        {row[0]: row[1] for row in records}, {row[0]: row[2] for row in records}, dict(redirects), tuple(events)
    )


def _decisions(home: Path) -> set[tuple[str, str | None, str | None]]:
    """The decisions of people that events name: a merge, or a split where a profile keeps other records."""
    query = "select cause, decided_by, decision_reason from profile_events where override_id is not null"
    with release_of(home).connect() as release:
        return set(release.execute(query).fetchall())


def _strangers(seen: Seen) -> tuple[str, str]:
    """Two contacts of the CRM that are two profiles."""
    contacts = sorted(key for key in seen.profiles if key.startswith("crm:contact:"))
    return contacts[0], next(key for key in contacts if seen.profiles[key] != seen.profiles[contacts[0]])


def test_ids_follow_the_last_release_through_trainings_decisions_and_unpublished_runs(
    tmp_path: Path, cdp: Cdp, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("CDP_HOME", str(home))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    _deliver(home, 0)
    _run(cdp, home, "sync")
    first = _seen(home)
    pair = _strangers(first)

    # decided and never published: one person, on other records than before
    _deliver(home, 1)
    _run(cdp, home, "identity", "link", *pair, "--why", "a mistake")
    _decide_by_hand(home)
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        query = "select count(distinct profile_id) from identity.profile_assignments where person_record_id in (?, ?)"
        assert warehouse.execute(query, list(pair)).fetchall() == [(1,)]
    assert _seen(home) == first

    # the decision is taken back, and a model is trained
    _run(cdp, home, "identity", "withdraw", *pair)
    _run(cdp, home, "sync", "--full")
    second = _seen(home)
    assert_ids_follow_the_rule(first, second)
    assert [second.profiles[key] for key in pair] == [first.profiles[key] for key in pair]
    assert _decisions(home) == set()

    # published, and undone
    _run(cdp, home, "identity", "link", *pair, "--why", "one person", "--by", "odile")
    _run(cdp, home, "sync")
    third = _seen(home)
    assert_ids_follow_the_rule(second, third)
    assert len({third.profiles[key] for key in pair}) == 1
    assert _decisions(home) == {("override_must_link", "odile", "one person")}

    _run(cdp, home, "identity", "withdraw", *pair, "--why", "they are sisters", "--by", "henk")
    _run(cdp, home, "sync")
    fourth = _seen(home)
    assert_ids_follow_the_rule(third, fourth)
    assert [fourth.profiles[key] for key in pair] == [first.profiles[key] for key in pair]
    assert ("withdrawn_must_link", "henk", "they are sisters") in _decisions(home)
