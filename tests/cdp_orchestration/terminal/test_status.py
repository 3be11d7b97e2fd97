"""The status says first whether what readers see is healthy; its exit code and JSON say the same to a monitor."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from cdp_orchestration.dagster.run_history import PastRun
from cdp_orchestration.home.living_runs import living_run
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import land_stream
from cdp_orchestration.notifications import Finding, Observed, notify
from cdp_orchestration.release.bundle import PublishedTable, write_candidate
from cdp_orchestration.release.publication import candidate_folder, publish
from cdp_orchestration.sources import declared_stream
from cdp_orchestration.stages.chain import gate_code, read_chain
from cdp_orchestration.stages.gate_results import StoredResult, store_gate_result
from cdp_orchestration.terminal.cli import app
from cdp_orchestration.terminal.standing import MAX_LINES, standing_lines

CLUB = "source: club\nstreams: {members: {key: [id], freshness: 26 hours, fields: {id: identifier}}}\n"
GATE = "landing.crm_contacts"
FAILED = Finding(
    "failed_run", "sync", "critical", "Run r1 failed.", "Correct it.", "x; r1", "2026-01-01T00:00:00+00:00"
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with a live release."""
    monkeypatch.setenv("CDP_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    settings = Settings(tmp_path)
    now = datetime.now(UTC)
    about = {
        "release_id": "a-release",
        "created_at": now.isoformat(),
        "previous_release_id": None,
        "gates": {GATE: "s"},
    }
    with duckdb.connect() as connection:
        connection.execute("create table profiles as select 'p' as profile_id")
        table = PublishedTable("profiles", "profiles", "One row.", ({"name": "profile_id", "type": "varchar"},))
        publish(
            settings.releases,
            write_candidate(connection, candidate_folder(settings.releases, "a-release"), [table], about),
            now,
        )
    return settings


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), catch_exceptions=False)


def _deliver(home: Settings, *names: str, text: str = "number\n1\n") -> None:
    home.own_sources.mkdir(exist_ok=True)
    (home.own_sources / "club.yml").write_text(CLUB, encoding="utf-8")
    folder = home.inbox / "club" / "members"
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text(text, encoding="utf-8")
    land_stream(declared_stream("club/members", home), home)


def _refuse(home: Settings, state: str | None = None) -> None:
    report = {"failures": [{"gate": GATE, "severity": "critical", "failure": "Id is filled: found 98 %; 2 failing: a"}]}
    with open_warehouse(home.warehouse) as connection:
        state = state or read_chain(connection, home).gate_states[GATE]
        store_gate_result(
            connection, StoredResult("landing", "crm_contacts", state, gate_code("landing"), False, report, "r")
        )


def test_a_healthy_home_ends_with_0(home):
    ended = run("status")
    assert ended.exit_code == 0
    assert "Healthy. Live release: a-release, 0 minutes old, its 1 gates have passed" in ended.output
    assert "Nothing is wrong." in ended.output


def test_a_home_without_a_release_is_never_green(tmp_path, monkeypatch):
    monkeypatch.setenv("CDP_HOME", str(tmp_path / "mistyped"))
    ended = run("status")
    assert ended.exit_code == 1
    assert "Degraded. Live release: none yet; `cdp demo` or `cdp sync` makes one" in ended.output


def test_a_refused_file_ends_with_1_and_is_named_with_what_to_do(home):
    _deliver(home, "a.csv")
    ended = run("status")
    assert ended.exit_code == 1
    assert "Degraded. Live release: a-release" in ended.output
    assert "Warning: club/members is degraded: 1 file is refused." in ended.output
    assert "  - a.csv: missing_required_column: " in ended.output


def test_a_gate_that_refuses_ends_with_2(home):
    _refuse(home)
    ended = run("status")
    assert ended.exit_code == 2
    assert f"Critical: Gate {GATE} has refused the release: Id is filled." in ended.output


def test_a_live_release_that_a_gate_has_since_refused_ends_with_2(home):
    _refuse(home, "s")
    ended = run("status")
    assert ended.exit_code == 2
    assert "a gate has since refused what it was cut from" in ended.output
    assert f"Do not trust it: gate {GATE} refuses what release a-release was cut from" in ended.output


def test_a_sync_that_failed_ends_with_2_and_says_why(home):
    notify(home, lambda _: [Observed(frozenset({"failed_run"}), (FAILED,))])
    ended = run("status")
    assert ended.exit_code == 2
    assert "Critical: Run r1 failed.\n  To do: Correct it." in ended.output


def test_a_run_that_fetches_for_long_is_alive_and_one_that_was_killed_ends_with_2(home, monkeypatch):
    home.dagster_home.mkdir()
    past = PastRun("r1", "sync", "started", time.time() - 600, None)
    monkeypatch.setattr("cdp_orchestration.terminal.status.last_runs", lambda _settings, _limit: [past])
    with living_run(home, "r1"):
        assert run("status").exit_code == 0
    ended = run("status")
    assert (ended.exit_code, "Run r1 was killed" in ended.output) == (2, True)


@pytest.mark.parametrize(("job", "exit_code"), [("sync", 0), ("sync_crm", 2)])
def test_a_sync_of_one_source_that_succeeds_does_not_make_good_one_of_all_that_failed(
    home, monkeypatch, job, exit_code
):
    notify(home, lambda _: [Observed(frozenset({"failed_run"}), (FAILED,))])
    home.dagster_home.mkdir()
    past = PastRun("r2", job, "success", time.time() - 60, time.time() - 10)
    monkeypatch.setattr("cdp_orchestration.terminal.status.last_runs", lambda _settings, _limit: [past])
    ended = run("status")
    assert ended.exit_code == exit_code
    assert {"r2", job} <= set(ended.output.split())


def test_the_order_is_health_then_what_is_wrong_then_sources_syncs_and_tables(home):
    _deliver(home, "a.csv")
    shown = run("status").output
    places = [shown.index(each) for each in ("Degraded.", "To do: ", "Sources", "Syncs: none yet", "Tables in")]
    assert places == sorted(places)


def test_json_says_the_same(home):
    _deliver(home, "a.csv")
    _deliver(home, "b.csv", text="id,size\n1,44\n")
    ended = run("status", "--json")
    found = json.loads(ended.stdout)
    assert (ended.exit_code, found["exit_code"], found["health"]) == (1, 1, "degraded")
    assert found["live_release"]["gates_passed"] == 1
    assert [each["subject"] for each in found["findings"]] == ["club/members"]
    (club,) = (each for each in found["sources"] if each["stream"] == "club/members")
    assert club["state"] == "files refused"
    assert club["undeclared_columns"] == {"size": 1}
    assert club["expected_within_seconds"] == 26 * 3600
    assert len(club["refused_files"]) == 1


def test_while_a_process_writes_the_status_says_so_and_keeps_what_stood(home):
    _refuse(home)
    notify(
        home,
        lambda _: [Observed(frozenset({"blocked_release"}), (Finding("blocked_release", "g", "critical", "x", "y"),))],
    )
    with open_warehouse(home.warehouse):
        ended = run("status")
    assert ended.exit_code == 2
    assert "Critical: x" in ended.output
    assert "is being written now" in ended.output


def test_a_declaration_that_cannot_be_read_ends_with_2_and_names_file_and_line(home):
    home.own_sources.mkdir()
    (home.own_sources / "club.yml").write_text("source: club\nstreams: 7\n", encoding="utf-8")
    ended = run("status")
    assert ended.exit_code == 2
    assert "club.yml line 2: streams" in ended.output


def test_what_still_stands_is_at_most_a_few_lines_of_each_sort_then_a_count(home):
    _deliver(home, *(f"{number:02}.csv" for number in range(12)))
    lines = standing_lines(home)
    assert len(lines) == MAX_LINES + 1
    assert lines[0].startswith("Refused: club/members: 00.csv: missing_required_column: ")
    assert lines[-1] == "… and 4 more refused files: `cdp quarantine list`"


def test_warned_checks_and_undeclared_columns_stand_until_they_end(home):
    _deliver(home, "a.csv", text="id,size\n1,44\n")
    check = Finding("check_warning", "staging/orders: usual_size", "warning", "It warns.", "Look.", details=("few",))
    notify(home, lambda _: [Observed(frozenset({"check_warning"}), (check,))])
    warned, undeclared = standing_lines(home)
    assert warned == "Warned: staging/orders: usual_size: few"
    assert undeclared.startswith("Not declared: club/members: column size of 1 file is kept in _extra and not read;")
    assert "Not declared: club/members: size; kept in _extra" in run("source", "list").output


def test_a_home_without_targets_says_so(home):
    assert "No one is to hear of anything." in run("notify", "list").output
    assert run("notify", "test").exit_code == 1


def test_targets_are_listed_and_tested(home):
    home.notifications.write_text("targets: {a: {kind: command, command: ['cat']}}\n", encoding="utf-8")
    notify(home, lambda _: [Observed(frozenset({"failed_run"}), (FAILED,))])
    (listed,) = json.loads(run("notify", "list", "--json").stdout)
    assert (listed["target"], listed["sent"], listed["waiting"]) == ("a", 1, 0)
    assert datetime.fromisoformat(listed["last_sent"]).tzinfo
    tested = run("notify", "test")
    assert (tested.exit_code, "taken" in tested.output) == (0, True)
    home.notifications.write_text("targets: {a: {kind: command, command: ['false']}}\n", encoding="utf-8")
    tested = run("notify", "test")
    assert (tested.exit_code, "the command ended with 1" in tested.output) == (1, True)
