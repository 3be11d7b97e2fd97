"""What is wrong with a home is found with what to do; what may be sent of it holds no key, file name or value."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cdp_orchestration.health import health_of, look_at, observe_home
from cdp_orchestration.health.churn import churn_findings
from cdp_orchestration.health.disk import MIB, Space, disk_finding
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import land_stream
from cdp_orchestration.landing.pauses import pause_source
from cdp_orchestration.notifications import Finding
from cdp_orchestration.notifications.findings import message_body, opened
from cdp_orchestration.release.bundle import PublishedTable, new_release_id, write_candidate
from cdp_orchestration.release.publication import candidate_folder, publish
from cdp_orchestration.sources import declared_stream
from cdp_orchestration.stages.chain import gate_code, read_chain
from cdp_orchestration.stages.gate_results import StoredResult, store_gate_result

CANARY = "jane.doe@example.com"
CLUB = """
source: club
freshness: {freshness}
streams:
  members: {{key: [id], fields: {{id: identifier}}}}
"""
GATE = "landing.crm_contacts"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Settings]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CDP_HOME", str(tmp_path))
        yield Settings(tmp_path)


def _declare(home: Settings, freshness: str = "26 hours") -> None:
    home.own_sources.mkdir(exist_ok=True)
    (home.own_sources / "club.yml").write_text(CLUB.format(freshness=freshness), encoding="utf-8")


def _deliver(home: Settings, text: str, name: str = f"{CANARY}.csv") -> None:
    folder = home.inbox / "club" / "members"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    land_stream(declared_stream("club/members", home), home)


def _store(home: Settings, severity: str, *, state: str | None = None) -> None:
    failure = f"Id is filled: found 98 %, allowed at least 100 %; 2 failing: {CANARY}, b"
    report = {"failures": [{"gate": GATE, "severity": severity, "failure": failure}]}
    with open_warehouse(home.warehouse) as connection:
        state = state or read_chain(connection, home).gate_states[GATE]
        result = StoredResult(
            "landing", "crm_contacts", state, gate_code("landing"), severity == "warning", report, "r"
        )
        store_gate_result(connection, result)


def _sent(finding: Finding) -> str:
    return json.dumps(message_body(opened(finding, "2026-01-01T00:00:00+00:00"), "home"))


def test_a_home_without_anything_has_no_finding_and_is_not_healthy_either(home):
    observed = observe_home(home)
    assert observed.findings == ()
    assert health_of(observed.findings, has_release=False) == "degraded"
    assert health_of(observed.findings, has_release=True) == "healthy"


def test_a_gate_that_refuses_blocks_and_names_its_checks_without_keys(home):
    _store(home, "critical")
    (found,) = look_at(home).findings
    assert (found.kind, found.subject, found.severity) == ("blocked_release", GATE, "critical")
    assert found.what == f"Gate {GATE} has refused the release: Id is filled. The last release stays live."
    assert found.counts == {"failed_checks": 1}
    assert CANARY in found.details[0]
    assert CANARY not in _sent(found)
    assert health_of([found], has_release=True) == "blocked"


def test_a_gate_that_warns_degrades(home):
    _store(home, "warning")
    (found,) = look_at(home).findings
    assert (found.kind, found.subject, found.severity) == ("check_warning", GATE, "warning")
    assert health_of([found], has_release=True) == "degraded"


def test_what_a_gate_found_of_former_rows_stands_no_longer(home):
    _store(home, "critical", state="another")
    assert look_at(home).findings == ()


def test_a_refused_file_degrades_its_stream_and_its_name_stays_on_the_machine(home):
    _declare(home)
    _deliver(home, "number\n1\n")
    look = look_at(home)
    (found,) = look.findings
    assert (found.kind, found.subject) == ("degraded_source", "club/members")
    assert found.what == "club/members is degraded: 1 file is refused. The other sources go on."
    assert found.remedy.startswith("`cdp quarantine show club/members` names files")
    assert found.details[0].startswith(f"{CANARY}.csv: missing_required_column: a key or cursor column is missing")
    assert CANARY not in _sent(found)
    (stream,) = (each for each in look.streams if each.name == "club/members")
    assert (len(stream.refused), stream.lateness.punctuality, stream.problem) == (1, "in time", None)


def test_columns_that_no_declaration_has_are_counted_by_file(home):
    _declare(home)
    _deliver(home, "id,size\n1,44\n", "a.csv")
    _deliver(home, "id,size,colour\n2,44,red\n", "b.csv")
    (stream,) = (each for each in look_at(home).streams if each.name == "club/members")
    assert stream.undeclared == {"size": 2, "colour": 1}


@pytest.mark.parametrize(
    ("freshness", "severity", "word"),
    [
        ("{warn: 1 minute, fail: 3 days}", "warning", "late"),
        ("{warn: 1 minute, fail: 2 minutes}", "critical", "overdue"),
    ],
)
def test_a_stream_whose_newest_rows_are_too_old_is_a_finding_until_it_is_paused(home, freshness, severity, word):
    _declare(home, freshness)
    _deliver(home, "id\n1\n")
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("update operations.landing_batches set loaded_at = loaded_at - interval 1 hour")
    (found,) = look_at(home).findings
    assert (found.kind, found.severity) == ("stale_source", severity)
    assert found.what.startswith(f"club/members is {word}. New rows last arrived at ")
    assert found.since is not None
    pause_source(home, "club")
    assert look_at(home).findings == ()


def test_a_declaration_that_cannot_be_read_blocks(home):
    home.own_sources.mkdir()
    (home.own_sources / "club.yml").write_text(f"source: club\nowner: {CANARY}\nstreams: 7\n", encoding="utf-8")
    observed = observe_home(home)
    (found,) = observed.findings
    assert (found.kind, found.subject) == ("blocked_release", "declarations of sources")
    assert "club.yml line 3: streams" in found.details[0]
    assert CANARY not in _sent(found)
    assert "stale_source" not in observed.kinds, "what could not be looked at has not ended"


def test_a_warehouse_that_cannot_be_read_blocks(home):
    home.warehouse.write_bytes(b"no database" * 1000)
    (found,) = observe_home(home).findings
    assert (found.kind, found.subject) == ("blocked_release", "warehouse")


def test_while_the_warehouse_is_written_nothing_that_it_knows_is_said_to_have_ended(home):
    with open_warehouse(home.warehouse):
        assert observe_home(home).kinds == {"low_disk", "stale_destination"}


@pytest.mark.parametrize(("free", "severity"), [(3000, None), (2999, "warning"), (1000, "warning"), (999, "critical")])
def test_the_disk_is_low_before_a_sync_may_fail(free, severity):
    found = disk_finding(Space(free=free * MIB, needed=1000 * MIB))
    assert [each.severity for each in found] == ([severity] if severity else [])
    assert all(each.counts == {"free_mib": free, "needed_mib": 1000} for each in found)


def _publish(home: Settings, profiles: dict[str, str], number: int, former: str | None) -> str:
    """Publish a crosswalk from records to profiles."""
    now = datetime(2026, 1, number, tzinfo=UTC)
    release_id = new_release_id(now)
    columns: Any = tuple({"name": name, "type": "varchar"} for name in ("person_record_id", "profile_id"))
    about = {"release_id": release_id, "created_at": now.isoformat(), "previous_release_id": former}
    with duckdb.connect() as connection:
        connection.execute("create table records (person_record_id varchar, profile_id varchar)")
        connection.executemany("insert into records values (?, ?)", list(profiles.items()))
        table = PublishedTable("profile_records", "records", "One row per record.", columns)
        folder = candidate_folder(home.releases, release_id)
        publish(home.releases, write_candidate(connection, folder, [table], about), now)
    return release_id


def test_a_release_that_moves_more_records_than_the_budget_is_a_finding_with_counts(home):
    former = {f"r{number}": f"p{number}" for number in range(200)}
    first = _publish(home, former, 1, None)
    assert churn_findings(home) == []
    merged = {record: "p0" if int(profile[1:]) < 61 else profile for record, profile in former.items()}
    second = _publish(home, {**merged, "new": "p0"}, 2, first)
    (found,) = churn_findings(home)
    assert (found.kind, found.occurrence) == ("churn_budget", second)
    assert found.counts == {
        "records": 200,
        "moved_records": 60,
        "allowed_records": 50,
        "merged_profiles": 1,
        "split_profiles": 0,
    }
    _publish(home, merged, 3, second)
    assert churn_findings(home) == []


def test_a_finding_survives_being_stored_and_read(home):
    _store(home, "critical")
    (found,) = look_at(home).findings
    assert Finding(**{**json.loads(json.dumps(asdict(found))), "details": found.details}) == found
