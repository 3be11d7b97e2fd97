"""How runs end is heard of once, whoever started them, also of a killed one; no value of a customer is sent."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.events import EngineEventData
from message_receivers import HOST, Taken, http_receiver

from cdp_orchestration.dagster.gates import GATE
from cdp_orchestration.dagster.killed_runs import close_killed_runs
from cdp_orchestration.dagster.notifying import notification_sensor, notify_after_run
from cdp_orchestration.dagster.run_history import SYNC_JOB
from cdp_orchestration.errors import CdpError
from cdp_orchestration.health import notify_idle, notify_not_started
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.notifications import standing_findings
from cdp_orchestration.terminal import syncing
from cdp_orchestration.terminal.status import read_status

CANARY = "jane.doe@example.com"
ASKED = dg.Field(str, default_value="nothing")


@dg.op(config_schema={"fails_by": ASKED})
def land(context: dg.OpExecutionContext) -> None:
    """Fail as the test asks for."""
    if context.op_config["fails_by"] == "own":
        raise CdpError(f"{CANARY}.csv cannot be read; deliver it again")
    if context.op_config["fails_by"] == "foreign":
        raise ValueError(f"invalid literal {CANARY}")


@dg.op(required_resource_keys={"home"})
def opened() -> None: ...


@dg.job(name=SYNC_JOB)
def sync_job() -> None:
    land()


@dg.job(name=f"{SYNC_JOB}_crm")
def source_job() -> None:
    land()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("CDP_HOME", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", "")
    return Settings(tmp_path)


@pytest.fixture
def hook(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Taken]:
    with http_receiver() as taken:
        monkeypatch.setenv("HOOK", f"http://{HOST}:{taken.port}/")
        settings.notifications.write_text("targets: {a: {kind: webhook, url: env:HOOK}}\n", encoding="utf-8")
        yield taken


def _run(instance: dg.DagsterInstance, fails_by: str = "nothing", job: dg.JobDefinition = sync_job) -> str:
    config = {"ops": {"land": {"config": {"fails_by": fails_by}}}}
    return job.execute_in_process(instance=instance, run_config=config, raise_on_error=False).run_id


def _kinds(hook: Taken) -> list[str]:
    return [body["kind"] for body in hook.bodies]


def test_a_failed_sync_is_heard_of_once_and_that_it_succeeds_again(instance, settings, hook):
    failed = _run(instance, "own")
    notify_after_run(instance, settings)
    notify_after_run(instance, settings)
    (body,) = hook.bodies
    assert (body["kind"], body["severity"], body["subject"], body["run_id"]) == (
        "failed_run",
        "critical",
        "sync",
        failed,
    )
    assert body["what_happened"].startswith(f"Run {failed} failed at land (CdpError).")
    _run(instance)
    notify_after_run(instance, settings)
    assert _kinds(hook) == ["failed_run", "recovered"]


def test_no_text_of_an_error_is_sent_and_the_machine_shows_it(instance, settings, hook):
    for fails_by in ("own", "foreign"):
        _run(instance, fails_by)
        notify_after_run(instance, settings)
    assert len(hook.bodies) == 2
    assert CANARY not in json.dumps(hook.bodies)
    (found,) = standing_findings(settings)
    assert "land (ValueError)" in found.what
    assert any("its text may quote a value" in line for line in found.details)


def test_the_same_failure_again_is_no_news_and_another_one_is(instance, settings, hook):
    for fails_by in ("own", "own", "own", "foreign"):
        _run(instance, fails_by)
        notify_after_run(instance, settings)
    assert _kinds(hook) == ["failed_run", "failed_run"]


def test_runs_that_ended_unseen_are_heard_of_in_order(instance, settings, hook):
    _run(instance)
    notify_after_run(instance, settings)
    _run(instance, "own")
    _run(instance)
    notify_after_run(instance, settings)
    assert _kinds(hook) == ["failed_run", "recovered"]


def test_what_failed_before_a_home_first_asked_and_has_since_succeeded_is_history(instance, settings, hook):
    _run(instance, "own")
    _run(instance)
    notify_after_run(instance, settings)
    assert hook.bodies == []


def test_a_killed_sync_is_heard_of_when_it_is_closed(instance, settings, hook):
    run = instance.create_run_for_job(sync_job)
    instance.report_dagster_event(dg.DagsterEvent(dg.DagsterEventType.RUN_START.value, SYNC_JOB), run.run_id)
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    pid = EngineEventData(metadata={"pid": dg.MetadataValue.text(str(process.pid))})
    instance.report_engine_event("started", run, pid)
    notify_after_run(instance, settings)
    assert hook.bodies == []
    assert close_killed_runs(instance, settings, time.time()) == [run.run_id]
    notify_after_run(instance, settings)
    (body,) = hook.bodies
    assert "before any step failed: its process was killed" in body["what_happened"]


def test_a_run_that_could_not_begin_names_the_kind_of_its_error(instance, settings, hook):
    @dg.resource
    def home() -> None:
        raise CdpError(CANARY)

    sync = dg.GraphDefinition(name=SYNC_JOB, node_defs=[opened]).to_job(resource_defs={"home": home})
    sync.execute_in_process(instance=instance, raise_on_error=False)
    notify_after_run(instance, settings)
    (body,) = hook.bodies
    assert "failed before its first step (CdpError)" in body["what_happened"]
    assert CANARY not in json.dumps(body)


def test_a_job_of_one_source_succeeds_for_itself_and_a_sync_for_all(instance, settings, hook):
    _run(instance, "own", source_job)
    _run(instance, "own")
    notify_after_run(instance, settings)
    assert [body["subject"] for body in hook.bodies] == ["sync_crm", "sync"]
    _run(instance, job=source_job)
    notify_after_run(instance, settings)
    assert [each.subject for each in standing_findings(settings)] == ["sync"]
    _run(instance)
    notify_after_run(instance, settings)
    assert standing_findings(settings) == []


def _materialize(instance: dg.DagsterInstance, *, name: str, passes: bool, fails: bool = False) -> None:
    @dg.asset(key=["staging", "orders"])
    def orders() -> None: ...

    @dg.asset_check(asset=orders, name=name, blocking=fails)
    def check() -> dg.AssetCheckResult:
        severity = dg.AssetCheckSeverity.ERROR if fails else dg.AssetCheckSeverity.WARN
        failure = {"gate": "staging.orders", "severity": "critical", "failure": f"Id is filled: {CANARY}"}
        return dg.AssetCheckResult(
            passed=passes, severity=severity, description=f"found {CANARY}", metadata={"failures": [failure]}
        )

    definitions = dg.Definitions(
        assets=[orders], asset_checks=[check], jobs=[dg.define_asset_job(SYNC_JOB, dg.AssetSelection.all())]
    )
    definitions.resolve_job_def(SYNC_JOB).execute_in_process(instance=instance, raise_on_error=False)


def test_a_check_that_warns_stands_until_a_run_evaluates_it_again(instance, settings, hook):
    _materialize(instance, name="usual_size", passes=False)
    notify_after_run(instance, settings)
    _run(instance)
    notify_after_run(instance, settings)
    (body,) = hook.bodies
    assert (body["kind"], body["subject"]) == ("check_warning", "staging/orders: usual_size")
    assert CANARY not in json.dumps(body)
    assert standing_findings(settings)[0].details == (f"found {CANARY}",)
    _materialize(instance, name="usual_size", passes=True)
    notify_after_run(instance, settings)
    assert _kinds(hook) == ["check_warning", "recovered"]


def test_a_run_that_a_gate_stopped_is_a_blocked_release_and_no_failed_run(instance, settings, hook):
    _materialize(instance, name=GATE, passes=False, fails=True)
    notify_after_run(instance, settings)
    assert hook.bodies == [], "the warehouse of this home has no gate that refuses"


def test_a_receiver_that_is_down_is_said_and_fails_nothing(instance, settings, hook):
    hook.answers = [503] * 3
    _run(instance, "own")
    (sentence,) = notify_after_run(instance, settings).sentences
    assert sentence.startswith("Not notified: a: the server answered 503; 1 message waits")
    assert notify_idle(settings).sentences == ["Notifications: 2 messages sent"]
    assert _kinds(hook) == ["failed_run", "recovered"], "all that was delivered is live"


def test_a_critical_finding_is_sent_where_nothing_can_be_noted(instance, settings, hook):
    settings.sent_notifications.write_bytes(b"no database" * 100)
    _run(instance, "own")
    sentences = notify_after_run(instance, settings).sentences
    assert any("cannot be written" in sentence for sentence in sentences)


def test_a_sync_that_cannot_start_is_heard_of_until_one_starts(settings, hook):
    notify_not_started(settings, CdpError(f"{CANARY} is wrong"))
    notify_not_started(settings, CdpError(f"{CANARY} is wrong"))
    (body,) = hook.bodies
    assert (body["kind"], body["subject"]) == ("failed_run", "cdp sync")
    assert CANARY not in json.dumps(body)
    notify_idle(settings)
    assert _kinds(hook) == ["failed_run", "recovered"]


def test_the_sensor_sends_what_the_daemons_runs_left_and_starts_none(instance, settings, hook):
    _run(instance, "foreign")
    ended = notification_sensor()(dg.build_sensor_context(instance=instance))
    assert isinstance(ended, dg.SkipReason)
    assert ended.skip_message == "Notifications: 1 message sent"
    assert _kinds(hook) == ["failed_run"]


def test_the_sensor_runs_by_itself_and_does_nothing_without_a_target(instance, settings):
    sensor = notification_sensor()
    assert sensor.default_status == dg.DefaultSensorStatus.RUNNING
    _run(instance, "foreign")
    ended = sensor(dg.build_sensor_context(instance=instance))
    assert isinstance(ended, dg.SkipReason)
    assert "notifications.yml would name who" in str(ended.skip_message)
    assert not settings.sent_notifications.exists()


def test_a_sync_that_has_nothing_to_do_closes_a_killed_run_and_says_so(settings, hook):
    code = (
        "import os, sys, dagster as dg\n"
        "from cdp_orchestration.dagster.instance import open_instance\n"
        "from cdp_orchestration.home.settings import Settings\n"
        "@dg.op\n"
        "def land(): os.kill(os.getpid(), 9)\n"
        "@dg.job(name='sync')\n"
        "def sync(): land()\n"
        "sync.execute_in_process(instance=open_instance(Settings.from_environment()))\n"
    )
    killed = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, check=False)
    assert killed.returncode == -9
    sentences = syncing._notified(settings)
    assert sentences == ["Notifications: 2 messages sent"]
    assert "its process was killed" in hook.bodies[0]["what_happened"]
    assert _kinds(hook) == ["failed_run", "recovered"]
    assert [each.kind for each in read_status(settings).findings] == []
