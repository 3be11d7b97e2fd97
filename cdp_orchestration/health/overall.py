"""What the findings of a home come to: healthy, degraded or blocked."""

from collections.abc import Iterable, Sequence
from typing import Literal

from cdp_orchestration.errors import WriterBusyError
from cdp_orchestration.health.disk import disk_findings
from cdp_orchestration.health.gates import gate_findings
from cdp_orchestration.health.sources import source_findings
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import read_warehouse
from cdp_orchestration.notifications import Finding, Observed
from cdp_orchestration.notifications.findings import BLOCKING, Kind
from cdp_orchestration.sources import declared_sources
from cdp_orchestration.sources.reading import DeclarationError

Health = Literal["healthy", "degraded", "blocked"]
_OF_WAREHOUSE: frozenset[Kind] = frozenset({"blocked_release", "check_warning", "stale_source", "degraded_source"})
BROKEN_DECLARATION = "declarations of sources"


def health_of(findings: Iterable[Finding], *, has_release: bool) -> Health:
    """Return what findings come to.

    Args:
        findings: what is wrong.
        has_release: whether readers have a release to read; a home without one is degraded, never healthy.

    Returns:
        Blocked where no release can be made or what is live should not be trusted, degraded where anything else is
        wrong.
    """
    found = list(findings)
    if any(finding.kind in BLOCKING for finding in found):
        return "blocked"
    return "degraded" if found or not has_release else "healthy"


def observe_home(settings: Settings, *, with_warehouse: bool = True) -> Observed:
    """Look at a home, without Dagster and within a second; while a process writes the warehouse, not at that.

    Args:
        settings: the home.
        with_warehouse: whether the warehouse may be opened.

    Returns:
        What was looked at, and what is wrong: all but how runs ended, what checks other than gates warn of, and what
        the live release moved.
    """
    kinds: set[Kind] = {"low_disk"}
    findings = disk_findings(settings)
    try:
        declared_sources(settings)
        if with_warehouse:
            findings += look_at(settings)
            kinds |= _OF_WAREHOUSE
    except WriterBusyError:
        pass
    except DeclarationError as error:
        findings.append(_broken(error))
        kinds.add("blocked_release")
    return Observed(frozenset(kinds), tuple(findings))


def look_at(settings: Settings) -> Sequence[Finding]:
    """Return the findings of gates and sources; WriterBusyError while another process writes the warehouse."""
    if not settings.warehouse.exists():
        return []
    with read_warehouse(settings.warehouse) as connection:
        return [*gate_findings(connection, settings), *source_findings(connection, settings)]


def _broken(error: DeclarationError) -> Finding:
    return Finding(
        kind="blocked_release",
        subject=BROKEN_DECLARATION,
        severity="critical",
        what="A declaration of a source cannot be read, so that no sync can start. The last release stays live.",
        remedy="`cdp source check` on the machine names file, line and field; correct them, then run `cdp sync`.",
        details=tuple(str(error).splitlines()),
    )
