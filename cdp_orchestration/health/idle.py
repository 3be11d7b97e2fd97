"""Sending where `cdp sync` has found nothing to do, or could not start a run: both without Dagster."""

from collections.abc import Iterator

from cdp_orchestration.errors import CdpError
from cdp_orchestration.health.overall import observe_home, with_warnings
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.notifications import Finding, Observed, Outbox, Report, notify

COMMAND = "cdp sync"
NOTHING_FAILED = Observed(frozenset({"failed_run"}), ())
"""Where what has been delivered is live, whatever runs had failed is done."""


def notify_idle(settings: Settings) -> Report:
    """Send what is new and what waits after a sync that had nothing to do.

    Args:
        settings: the home.

    Returns:
        What was sent, and what could not be.
    """

    def observe(outbox: Outbox) -> Iterator[Observed]:
        yield NOTHING_FAILED
        yield with_warnings(observe_home(settings), outbox)

    return notify(settings, observe)


def notify_not_started(settings: Settings, error: CdpError) -> Report:
    """Send that a sync has ended before there was a run, such as by a declaration that cannot be read.

    Args:
        settings: the home.
        error: why; its kind is sent, its text stays on the machine.

    Returns:
        What was sent, and what could not be.
    """

    def observe(outbox: Outbox) -> Iterator[Observed]:
        observed = with_warnings(observe_home(settings), outbox)
        yield observed
        # A declaration that cannot be read is said by its own finding
        if not any(finding.kind == "blocked_release" for finding in observed.findings):
            runs = (each for each in outbox.standing() if each.kind == "failed_run" and each.subject != COMMAND)
            yield Observed(frozenset({"failed_run"}), (*runs, _not_started(error)))

    return notify(settings, observe)


def _not_started(error: CdpError) -> Finding:
    kind = type(error).__name__
    return Finding(
        kind="failed_run",
        subject=COMMAND,
        severity="critical",
        what=f"`{COMMAND}` could not start a run ({kind}). The last release stays live.",
        remedy="Run `cdp sync`: its error says what to correct.",
        occurrence=kind,
        details=tuple(str(error).splitlines()),
    )
