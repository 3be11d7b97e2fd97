"""What a gate's page and the page of a stopped run show: counts first, then each failure in one line.

The lines hold counts, keys and the names of checks, never a customer's value.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg

from cdp_orchestration.landing.refusals import MESSAGES
from expectations import GateResult

MAX_NAMED_FILES, MAX_NAMED_COLUMNS = 10, 12


@dataclass(frozen=True)
class Refusals:
    """What landing refused of one stream: how many rows, values and files by reason, and the folder that lists them.

    ``unread_columns`` has, by file, the headings that no field is read from, and the declared fields that it lacks.
    """

    by_reason: Mapping[str, int]
    quarantine: Path
    unread_columns: Mapping[str, tuple[Sequence[str], Sequence[str]]] = field(default_factory=dict)


def gate_description(report: Mapping[str, Any], refusals: Refusals | None = None) -> str:
    """Return the result of a gate as plain text: the verdict, one line a failure, one line a reason of refusal.

    Args:
        report: what the gate found: ``expectations``, ``failed_critical``, ``failed_warning`` (counts) and
            ``failures`` (each with ``gate``, ``severity`` and ``failure``).
        refusals: what landing refused, for the gate of a landed stream.

    Returns:
        Several lines; the critical failures come first.
    """
    return "\n".join(
        [_verdict(report), *_failure_lines(report["failures"]), *_refusal_lines(refusals), *_unread_lines(refusals)]
    )


def gate_failure(report: Mapping[str, Any], refusals: Refusals | None = None) -> dg.Failure:
    """Return the error of a step whose gate has a critical failure; raise it after the result of the check.

    Args:
        report: as for ``gate_description``.
        refusals: as for ``gate_description``.

    Returns:
        An error that is not retried: the same rows would fail again.
    """
    counts = {name: report[name] for name in ("expectations", "failed_critical", "failed_warning")}
    return dg.Failure(
        description=gate_description(report, refusals),
        metadata={**counts, "report": dg.MetadataValue.md(report["report"])},
        allow_retries=False,
    )


def gate_page(results: Sequence[GateResult]) -> str:
    """Return the full report as Markdown: tables with critical failures first, then warnings, then passed ones."""
    ordered = sorted(results, key=lambda each: (not each.failed("critical"), not each.failed("warning")))
    return "\n\n".join(each.to_markdown() for each in ordered)


def _verdict(report: Mapping[str, Any]) -> str:
    expectations, critical, warnings = (report[name] for name in ("expectations", "failed_critical", "failed_warning"))
    if critical:
        return f"Stopped: {critical} critical and {warnings} warning of {expectations:,} expectations failed."
    if warnings:
        return f"Passed with warnings: {warnings} of {expectations:,} expectations failed."
    return f"Passed: {expectations:,} expectations."


def _failure_lines(failures: Sequence[Mapping[str, str]]) -> Iterator[str]:
    for each in sorted(failures, key=lambda each: each["severity"]):
        yield f"- {each['severity']}, {each['gate']}: {each['failure']}"


def _refusal_lines(refusals: Refusals | None) -> Iterator[str]:
    if refusals is None or not refusals.by_reason:
        return
    yield f"Refused ({sum(refusals.by_reason.values()):,} rows, values and files, listed in {refusals.quarantine}):"
    for reason, count in sorted(refusals.by_reason.items(), key=lambda item: (-item[1], item[0])):
        yield f"- {reason}, {count:,}: {MESSAGES[reason]}"


def _unread_lines(refusals: Refusals | None) -> Iterator[str]:
    if refusals is None or not refusals.unread_columns:
        return
    yield "Columns that no field is read from, in files that lack declared ones; rename them if they are the same:"
    for file, (unread, missing) in sorted(refusals.unread_columns.items())[:MAX_NAMED_FILES]:
        yield f"- {_printable(file)}: not read {_named(unread)}; missing {_named(missing)}"


def _named(columns: Sequence[str]) -> str:
    more = len(columns) - MAX_NAMED_COLUMNS
    return ", ".join(map(_printable, columns[:MAX_NAMED_COLUMNS])) + (f" and {more} more" if more > 0 else "")


def _printable(name: str) -> str:
    # A source chooses the names of its files and columns: none of them may end the line.
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in name)
