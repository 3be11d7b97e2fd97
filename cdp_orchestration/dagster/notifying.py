"""Who hears how a home is: after each sync of the command, and by a sensor between them and after the daemon's runs."""

import time
from collections.abc import Iterator
from dataclasses import replace

import dagster as dg

from cdp_orchestration.dagster.ended_runs import ended_run_findings
from cdp_orchestration.dagster.instance import open_instance
from cdp_orchestration.dagster.killed_runs import close_killed_runs
from cdp_orchestration.health import observe_home, with_warnings
from cdp_orchestration.health.churn import candidate_findings, churn_findings
from cdp_orchestration.health.idle import NOTHING_FAILED
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.notifications import Finding, Observed, Outbox, Report, notify
from cdp_orchestration.notifications.dispatch import send_without_note

SENSOR = "notification_sensor"


def notify_after_run(instance: dg.DagsterInstance, settings: Settings, *, with_warehouse: bool = True) -> Report:
    """Take up the runs that have ended, and what stands now; send what is new and what waits.

    Args:
        instance: Dagster's storage of the home.
        settings: the home.
        with_warehouse: whether the warehouse may be opened; not after an interrupted run, of which a query may go on.

    Returns:
        What was sent, and what could not be.
    """
    seen: list[Finding] = []

    def observe(outbox: Outbox) -> Iterator[Observed]:
        for observed in _observe(instance, settings, outbox, with_warehouse=with_warehouse):
            seen.extend(observed.findings)
            yield observed

    report = notify(settings, observe)
    if report.is_noted:
        return report
    unnoted = send_without_note(settings, Observed(frozenset(), tuple({each.subject: each for each in seen}.values())))
    return replace(report, sent=report.sent + unnoted.sent, problems=(*report.problems, *unnoted.problems))


def notify_without_run(settings: Settings) -> Report:
    """Close the runs whose process was killed, and send that, after a sync that had nothing to do itself.

    Args:
        settings: the home.

    Returns:
        What was sent, and what could not be.
    """
    with open_instance(settings) as instance:
        close_killed_runs(instance, settings, time.time())

        def observe(outbox: Outbox) -> Iterator[Observed]:
            yield from ended_run_findings(instance, outbox)
            yield NOTHING_FAILED
            yield with_warnings(observe_home(settings), outbox)

        return notify(settings, observe)


def notification_sensor() -> dg.SensorDefinition:
    """Return the sensor that sends what the targets of a home have not heard of, and starts no run."""

    @dg.sensor(
        name=SENSOR,
        minimum_interval_seconds=60,
        # The file of a home is the switch: without targets it does nothing
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Sends to the targets of `notifications.yml` how runs ended, which gates and checks warn, which "
        "streams are late, and when that has ended. It starts no run; without targets it does nothing.",
    )
    def notifications(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        settings = Settings.from_environment()
        if not settings.notifications.exists():
            return dg.SkipReason(f"no one is to hear of anything; {settings.notifications} would name who")
        report = notify(
            settings, lambda outbox: _observe(context.instance, settings, outbox, with_warehouse=True), is_patient=True
        )
        return dg.SkipReason("; ".join(report.sentences) or "nothing new to send")

    return notifications


def _observe(
    instance: dg.DagsterInstance, settings: Settings, outbox: Outbox, *, with_warehouse: bool
) -> Iterator[Observed]:
    yield from ended_run_findings(instance, outbox)
    yield with_warnings(observe_home(settings, with_warehouse=with_warehouse), outbox)
    yield Observed(frozenset({"churn_budget"}), (*churn_findings(settings), *candidate_findings(settings)))
