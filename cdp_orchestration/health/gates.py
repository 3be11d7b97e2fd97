"""Findings of the gates: what keeps a release from being made, and what only warns."""

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.notifications import Finding
from cdp_orchestration.stages.chain import Chain
from cdp_orchestration.stages.gate_results import StoredResult, read_gate_results
from cdp_orchestration.stages.publications import objections_to_live

MAX_NAMED = 5
LIVE_RELEASE = "live release"


def gate_findings(connection: duckdb.DuckDBPyConnection, settings: Settings, chain: Chain) -> list[Finding]:
    """Return the gates that refuse or warn of what their stages hold now, and those that refuse what is live.

    Args:
        connection: the warehouse; one that only reads will do.
        settings: the home.
        chain: what each gate has to have evaluated.

    Returns:
        A critical finding for each gate that keeps a release from being made, a warning for each other with warnings.
    """
    states = chain.gate_states
    results = read_gate_results(connection)
    current = [each for each in results.values() if states.get(f"{each.stage}.{each.table}") == each.state]
    refusing = [each for each in current if not each.is_passed]
    warning = [each for each in current if each.is_passed and _names(each.report["failures"], "warning")]
    found = [*map(_refused, refusing), *map(_warned, warning)]
    if objections := objections_to_live(connection, settings):
        found.append(_distrusted(objections))
    return found


def _refused(result: StoredResult) -> Finding:
    gate, names = f"{result.stage}.{result.table}", _names(result.report["failures"], "critical")
    return Finding(
        kind="blocked_release",
        subject=gate,
        severity="critical",
        what=f"Gate {gate} has refused the release{_listed(names)}. The last release stays live.",
        remedy="Correct the rows at their source and deliver them again, then run `cdp sync`.",
        occurrence=", ".join(names),
        counts={"failed_checks": len(names)},
        run_id=result.run_id,
        details=tuple(result.critical_failures),
    )


def _warned(result: StoredResult) -> Finding:
    gate, names = f"{result.stage}.{result.table}", _names(result.report["failures"], "warning")
    return Finding(
        kind="check_warning",
        subject=gate,
        severity="warning",
        what=f"Gate {gate} has passed with warnings{_listed(names)}.",
        remedy="Look whether the rows are right; if not, correct them at their source and deliver them again.",
        occurrence=", ".join(names),
        counts={"warned_checks": len(names)},
        run_id=result.run_id,
        details=tuple(str(each["failure"]) for each in result.report["failures"] if each["severity"] == "warning"),
    )


def _distrusted(objections: Iterable[str]) -> Finding:
    return Finding(
        kind="blocked_release",
        subject=LIVE_RELEASE,
        severity="critical",
        what="The live release should not be trusted: a gate has since refused what it was cut from.",
        remedy="Correct the rows at their source, then run `cdp sync`.",
        details=tuple(objections),
    )


def _names(failures: Iterable[Mapping[str, Any]], severity: str) -> list[str]:
    """Return the names of the failed checks: what a line has after its name may hold keys of rows."""
    return sorted({str(each["failure"]).partition(":")[0] for each in failures if each["severity"] == severity})


def _listed(names: list[str]) -> str:
    if not names:
        return ""
    return (
        ": " + ", ".join(names[:MAX_NAMED]) + (f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else "")
    )
