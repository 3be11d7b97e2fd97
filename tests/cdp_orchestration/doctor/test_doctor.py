"""The doctor says of each check what it found and what to do; it changes nothing and shows no secret."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from cdp_orchestration.doctor import examine, worst
from cdp_orchestration.doctor.examination import CHECKS
from cdp_orchestration.doctor.folders import disk_line, file_system_kind, local_line, permission_line, writable_line
from cdp_orchestration.doctor.installation import library_line, python_line, wanted_libraries
from cdp_orchestration.doctor.landed_files import landed_lines
from cdp_orchestration.doctor.line import Line
from cdp_orchestration.doctor.releases import audit_line, open_tier_line, release_lines, retention_line
from cdp_orchestration.doctor.running import automation_lines, lock_line, lock_lines
from cdp_orchestration.doctor.supplies import limit_lines
from cdp_orchestration.health.disk import MIB, Space
from cdp_orchestration.home.audit import record
from cdp_orchestration.home.settings import PROJECT_ROOT, Settings
from cdp_orchestration.home.writer_lock import Holder, writer_lock
from cdp_orchestration.landing import land_stream
from cdp_orchestration.release.bundle import PublishedTable, write_candidate
from cdp_orchestration.release.publication import candidate_folder, publish
from cdp_orchestration.sources import shipped_streams
from cdp_orchestration.terminal.cli import app

HOME = Path("/data/cdp")
SECRET = "hunter2"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("CDP_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "300")
    (tmp_path / "home").mkdir(mode=0o700)
    return Settings(tmp_path / "home")


def _publish(home: Settings) -> Path:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    about = {"release_id": "a-release", "created_at": now.isoformat(), "previous_release_id": None}
    with duckdb.connect() as connection:
        connection.execute("create table profiles as select 'p' as profile_id")
        table = PublishedTable("profiles", "profiles", "One row.", ({"name": "profile_id", "type": "varchar"},))
        folder = candidate_folder(home.releases, "a-release")
        return publish(home.releases, write_candidate(connection, folder, [table], about), now)


def _line(home: Settings, check: str) -> Line:
    return next(line for line in examine(home) if line.check == check)


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), catch_exceptions=False)


@pytest.mark.parametrize(("version", "verdict"), [((3, 10), "fail"), ((3, 11), "ok"), ((3, 14), "ok")])
def test_an_older_python_fails(version, verdict):
    assert python_line(version, "x").verdict == verdict


@pytest.mark.parametrize(
    ("installed", "verdict", "found"),
    [
        ({"duckdb": "1.5", "orjson": "3"}, "ok", "2 are there, 1 of them as pinned"),
        ({"duckdb": "1.4", "orjson": "3"}, "warn", "other than pinned: duckdb 1.4 instead of 1.5"),
        ({"duckdb": "1.5", "orjson": None}, "fail", "not installed: orjson"),
    ],
)
def test_libraries_are_compared_with_the_pins(installed, verdict, found):
    line = library_line({"duckdb": "1.5", "orjson": None}, installed)
    assert (line.verdict, line.found) == (verdict, found)


def test_pins_of_other_systems_are_not_asked_for(tmp_path):
    assert {"duckdb", "dagster"} < set(wanted_libraries(PROJECT_ROOT / "requirements.txt"))
    pins = "a==1 \\\n    --hash=sha256:0f\nb==2 ; sys_platform == 'win32' \\\n    --hash=sha256:1f\nc==3  # why\n"
    (tmp_path / "requirements.txt").write_text(pins, encoding="utf-8")
    assert wanted_libraries(tmp_path / "requirements.txt") == {"a": "1", "c": "3"}
    assert "duckdb" in wanted_libraries(tmp_path / "no such file")


@pytest.mark.parametrize(
    ("modes", "user", "verdict"),
    [
        ([0o700, 0o755], 1, "ok"),
        ([0o755, 0o700, 0o755], 1, "ok"),
        ([0o755, 0o755], 1, "warn"),
        ([0o777, 0o755], 1, "fail"),
        ([0o770, 0o755], 1, "fail"),
        ([0o750, 0o755], 1, "warn"),
        ([0o710, 0o755], 1, "ok"),
        ([0o700, 0o755], 2, "warn"),
        ([0o700, 0o755], 0, "ok"),
    ],
)
def test_a_home_that_others_reach_is_warned_of(modes, user, verdict):
    assert permission_line(HOME, modes, 1, user).verdict == verdict


@pytest.mark.parametrize(
    ("kind", "verdict"), [("ext4", "ok"), ("nfs4", "warn"), ("cifs", "warn"), ("fuse.sshfs", "warn"), (None, "ok")]
)
def test_a_disk_of_the_network_is_warned_of(kind, verdict):
    assert local_line(kind).verdict == verdict


def test_the_kind_of_a_file_system_is_that_of_the_nearest_mount(tmp_path):
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/a / ext4 rw 0 0\nserver:/x /mnt/my\\040data nfs4 rw 0 0\n", encoding="utf-8")
    assert file_system_kind(Path("/mnt/my data/home"), mounts) == "nfs4"
    assert file_system_kind(Path("/srv/home"), mounts) == "ext4"
    assert file_system_kind(Path("/srv/home"), tmp_path / "none") is None


def test_a_full_disk_fails_and_a_low_one_warns():
    verdicts = [disk_line(Space(free * MIB, 100 * MIB)).verdict for free in (99, 100, 299, 300)]
    assert verdicts == ["fail", "warn", "warn", "ok"]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_home_that_cannot_be_written_fails(tmp_path):
    tmp_path.chmod(0o500)
    assert writable_line(tmp_path).verdict == "fail"
    tmp_path.chmod(0o700)


def test_who_holds_the_lock_is_named_and_a_killed_holder_is_known(home):
    assert [line.found for line in lock_lines(home.writer_lock, [])] == ["free"]
    with writer_lock(home.writer_lock, "a test"):
        (line,) = lock_lines(home.writer_lock, [])
        assert (line.verdict, f"process {os.getpid()} (a test" in line.found) == ("ok", True)
    code = (
        "import os, sys; from pathlib import Path; from cdp_orchestration.home.writer_lock import writer_lock\n"
        "with writer_lock(Path(sys.argv[1]), 'a sync'): os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(home.writer_lock)], check=False)
    (line,) = lock_lines(home.writer_lock, [])
    assert (line.verdict, "was killed" in line.found) == ("ok", True)
    gone = lock_line("writer's lock", Holder(1, "a sync", "then"), is_there=False, was_left=False)
    assert gone.verdict == "fail"


@pytest.mark.parametrize(
    ("states", "silent", "last", "verdict"),
    [
        ({"hourly_sync": False}, None, timedelta(hours=1), "ok"),
        ({"hourly_sync": False}, None, timedelta(days=3), "warn"),
        ({"hourly_sync": False, "nightly_prune": True}, timedelta(seconds=20), timedelta(days=3), "warn"),
        ({"hourly_sync": True}, timedelta(seconds=20), timedelta(days=3), "ok"),
        ({"hourly_sync": True}, timedelta(hours=1), timedelta(hours=1), "warn"),
        ({"hourly_sync": True}, None, None, "warn"),
    ],
)
def test_a_schedule_without_a_daemon_and_a_home_that_nothing_syncs_are_warned_of(states, silent, last, verdict):
    (line,) = automation_lines(states, silent, last)
    assert line.verdict == verdict
    assert "hourly_sync" in line.found


def test_a_release_whose_files_are_whole_is_ok_and_each_damage_is_named(home):
    folder = _publish(home)
    (line,) = release_lines(home.releases)
    assert (line.verdict, line.found) == ("ok", "a-release: 1 files are what was published")
    file = folder / "profiles.parquet"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    assert "profiles.parquet has" in release_lines(home.releases)[0].found
    file.write_bytes(b"x" * len(whole))
    assert "profiles.parquet has other content" in release_lines(home.releases)[0].found
    file.unlink()
    assert "profiles.parquet is missing" in release_lines(home.releases)[0].found
    (folder / "manifest.json").unlink()
    assert release_lines(home.releases)[0].verdict == "fail"


def test_a_secret_that_is_not_there_is_named_by_its_reference_and_none_is_shown(home, monkeypatch):
    home.own_sources.mkdir()
    (home.own_sources / "club.yml").write_text(
        "source: club\nstreams:\n  members:\n    key: [id]\n    fields: {id: identifier}\n"
        "    from: {kind: postgres, url: 'env:CLUB_DATABASE', table: members}\n",
        encoding="utf-8",
    )
    home.notifications.write_text("targets: {a: {kind: webhook, url: env:HOOK}}\n", encoding="utf-8")
    monkeypatch.setenv("HOOK", SECRET)
    monkeypatch.delenv("CLUB_DATABASE", raising=False)
    found = [line.found for line in examine(home) if line.check == "secrets"]
    assert found == [
        "club/members names env:CLUB_DATABASE, which is empty or not there",
        "notifications.yml: 1 are there",
    ]
    monkeypatch.setenv("CLUB_DATABASE", SECRET)
    assert SECRET not in run("doctor", "--json").stdout


def test_declarations_that_cannot_be_read_fail_with_file_and_line(home):
    home.own_sources.mkdir()
    (home.own_sources / "club.yml").write_text("source: club\nstreams: 7\n", encoding="utf-8")
    home.notifications.write_text("targets: 7\n", encoding="utf-8")
    assert "club.yml line 2" in _line(home, "declarations").found
    assert "notifications.yml line 1" in _line(home, "notifications").found


def test_limits_of_figures_that_cannot_be_read_fail_before_a_gate_does(home):
    assert list(limit_lines(home)) == []
    home.figure_limits.parent.mkdir(parents=True)
    home.figure_limits.write_text("limits: [{of: staging.x, figure: fild, minimum: 1}]", encoding="utf-8")
    (line,) = limit_lines(home)
    assert line.verdict == "fail"
    assert "found figure fild" in line.found
    home.figure_limits.write_bytes(b"limits: [\xff]")
    (line,) = limit_lines(home)
    assert (line.verdict, "figure_limits.yml: cannot be read" in line.found) == ("fail", True)


def test_a_check_that_breaks_is_a_failed_line_and_the_others_go_on(home, monkeypatch):
    monkeypatch.setattr("cdp_orchestration.doctor.examination.space_of", lambda _: 1 // 0)
    lines = examine(home)
    broken = [line for line in lines if "the check itself failed" in line.found]
    assert [line.verdict for line in broken] == ["fail"]
    assert lines[-1].check == "notifications"


def test_a_damaged_warehouse_fails_by_name_and_is_not_taken_for_a_broken_check(home):
    home.warehouse.write_bytes(b"no database" * 1000)
    failed = {line.check: line for line in examine(home) if line.verdict == "fail" and "warehouse" in line.found}
    assert set(failed) == {"deliveries", "landed files"}
    assert all("cdp repair" in str(line.remedy) for line in failed.values())


def test_a_landed_file_that_is_not_what_was_written_fails_by_name(home):
    stream = next(stream for stream in shipped_streams() if stream.table == "crm_campaign_members")
    delivery = home.inbox / "crm" / "campaign_members" / "one.csv"
    delivery.parent.mkdir(parents=True)
    names = [field.name for field in stream.fields]
    delivery.write_text(f"{','.join(names)}\n{','.join('1' for _ in names)}\n", encoding="utf-8")
    land_stream(stream, home)
    assert [line.verdict for line in landed_lines(home)] == ["ok"]
    landed = next(file for folder in (home.landing, home.quarantine) for file in folder.glob("*/*/*.parquet"))
    landed.write_bytes(landed.read_bytes()[:-9])
    (line,) = landed_lines(home)
    assert line.verdict == "fail"
    assert landed.name in line.found


def test_the_exit_code_is_that_of_the_worst_line(home):
    _publish(home)
    ended = run("doctor", "--json")
    lines = [Line(**line) for line in json.loads(ended.stdout)]
    assert {"Python", "libraries", "home", "writable", "disk", "release"} <= {line.check for line in lines}
    assert all(line.remedy for line in lines if line.verdict != "ok")
    assert ended.exit_code == {"ok": 0, "warn": 1, "fail": 2}[worst(lines)]
    (home.releases / "a-release" / "profiles.parquet").unlink()
    ended = run("doctor")
    assert ended.exit_code == 2
    assert "fail  release" in ended.output


def test_the_doctor_changes_nothing_in_a_home(home):
    before = sorted(home.home.rglob("*"))
    examine(home)
    assert sorted(home.home.rglob("*")) == before


def test_every_check_has_a_name_of_its_own():
    assert len({name for name, _ in CHECKS}) == len(CHECKS)


def test_an_audit_log_that_was_changed_fails(home):
    record(home.audit, "pin", "one", by="Ada")
    record(home.audit, "pin", "two", by="Ada")
    assert (audit_line(home).verdict, audit_line(home).found) == ("ok", "2 entries in one chain")
    home.audit.write_text(home.audit.read_text(encoding="utf-8").replace('"two"', '"three"'), encoding="utf-8")
    assert (audit_line(home).verdict, audit_line(home).found) == ("fail", "entry 2 was changed")
    home.audit.write_text("{\n", encoding="utf-8")
    assert audit_line(home).found.endswith(
        "line 1 is no entry (JSONDecodeError); expected a JSON object as written by the platform"
    )


def test_an_open_tier_that_is_declared_and_not_written_warns_and_one_that_cannot_be_read_fails(home):
    assert open_tier_line(home).verdict == "ok"
    home.open_tier.write_text("k: 20\n", encoding="utf-8")
    _publish(home)
    assert open_tier_line(home).verdict == "warn"
    home.open_tier.write_text("k: one\n", encoding="utf-8")
    assert open_tier_line(home).verdict == "fail"


def test_a_retention_that_cannot_be_read_fails(home):
    assert retention_line(home).verdict == "ok"
    home.retention.write_text("releases: 7\n", encoding="utf-8")
    assert retention_line(home).verdict == "fail"
