"""What the findings of a home come to: healthy, degraded or blocked."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import duckdb

from cdp_orchestration.errors import DamagedReleaseError, DamagedWarehouseError, DeclarationError, WriterBusyError
from cdp_orchestration.health.destinations import destination_findings
from cdp_orchestration.health.disk import disk_findings
from cdp_orchestration.health.gates import gate_findings
from cdp_orchestration.health.sources import StreamHealth, source_findings, stream_healths
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import read_warehouse, refuse_lost
from cdp_orchestration.notifications import Finding, Observed, Outbox
from cdp_orchestration.notifications.findings import BLOCKING, Kind
from cdp_orchestration.sources import declared_sources
from cdp_orchestration.stages.chain import read_chain
from cdp_orchestration.stages.publications import is_live
from cdp_orchestration.stages.rollback import is_held

Health = Literal["healthy", "degraded", "blocked"]
OF_WAREHOUSE: frozenset[Kind] = frozenset({"blocked_release", "check_warning", "stale_source", "degraded_source"})
"""What cannot be known while another process writes the warehouse."""
BROKEN_DECLARATION = "declarations of sources"


@dataclass(frozen=True)
class Look:
    """What the warehouse knows of a home: what is wrong, each stream, and what the next sync builds and why."""

    findings: tuple[Finding, ...]
    streams: tuple[StreamHealth, ...]
    unfinished: tuple[str, ...]


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
    kinds: set[Kind] = {"low_disk", "stale_destination"}
    findings = [*disk_findings(settings), *destination_findings(settings)]
    try:
        declared_sources(settings)
        if with_warehouse:
            findings += look_at(settings).findings
            kinds |= OF_WAREHOUSE
    except WriterBusyError:
        pass
    except (duckdb.Error, DamagedWarehouseError, DamagedReleaseError) as error:
        findings.append(unreadable(error))
        kinds.add("blocked_release")
    except DeclarationError as error:
        findings.append(_broken(error))
        kinds.add("blocked_release")
    return Observed(frozenset(kinds), tuple(findings))


def with_warnings(observed: Observed, outbox: Outbox) -> Observed:
    """Return what was looked at with the warnings of other checks than gates, as the runs have left them."""
    if "check_warning" not in observed.kinds:
        return observed
    return replace(observed, findings=(*observed.findings, *outbox.kept_warnings()))


def look_at(settings: Settings) -> Look:
    """Look at what the warehouse knows; WriterBusyError while another process writes it.

    Args:
        settings: the home.

    Returns:
        The findings of gates and sources, the streams, and what the next sync builds.
    """
    refuse_lost(settings.warehouse)
    if not settings.warehouse.exists():
        return Look((), tuple(stream_healths(None, settings)), ())
    with read_warehouse(settings.warehouse) as connection:
        chain = read_chain(connection, settings)
        streams = stream_healths(connection, settings)
        findings = [
            *gate_findings(connection, settings, chain),
            *source_findings(connection, settings, streams),
        ]
        unfinished = tuple(str(link) for link in chain.broken)
        if chain.is_complete and not is_live(connection, settings, chain):
            unfinished = ("what is built is not live; materialize the group release, or run `cdp sync`",)
        if is_held(settings, chain):
            unfinished = ()  # a person wants it so
        return Look(tuple(findings), tuple(streams), unfinished)


def _broken(error: DeclarationError) -> Finding:
    return Finding(
        kind="blocked_release",
        subject=BROKEN_DECLARATION,
        severity="critical",
        what="A declaration of a source cannot be read, so that no sync can start. The last release stays live.",
        remedy="`cdp source check` names file, line and field; correct them, then run `cdp sync`.",
        details=tuple(str(error).splitlines()),
    )


def unreadable(error: duckdb.Error | DamagedWarehouseError | DamagedReleaseError) -> Finding:
    """Return that what a home is read from is damaged."""
    what = "live release" if isinstance(error, DamagedReleaseError) else "warehouse"
    return Finding(
        kind="blocked_release",
        subject=what,
        severity="critical",
        what=f"The {what} cannot be read ({type(error).__name__}), so that no sync can run.",
        remedy="Run `cdp repair`, then `cdp sync`.",
        details=tuple(str(error).splitlines()[:1]),
    )
