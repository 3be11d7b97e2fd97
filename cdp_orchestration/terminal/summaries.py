"""What the command prints: summaries of runs, releases and customers as terminal tables."""

import os
import shutil
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.table import Table

from cdp_orchestration.release.lookup import CustomerView
from cdp_orchestration.release.reader import Release
from cdp_orchestration.sources import declared_sources, declared_streams
from cdp_orchestration.terminal.plain_text import text
from cdp_orchestration.terminal.tables import facts, lines, table

if TYPE_CHECKING:  # Dagster and the model's libraries take seconds to import, and no summary calls them
    from cdp_orchestration.dagster.sync_run import SyncOutcome
    from cdp_orchestration.identity_stage.models import Comparison

BIGGEST_MERGES = 5
_LOAD_COUNTS = ("rows_landed", "rows_refused", "values_refused", "files_refused")


def not_read(chosen: Collection[str]) -> list[str]:
    """Return the sentence about sources whose files a sync of some has not read; none where it reads all."""
    others = [source.name for source in declared_sources() if chosen and source.name not in chosen]
    return [f"Not read: the files of {', '.join(others)}"] if others else []


def nothing_new(release: Release, seconds: float, notices: Iterable[str]) -> RenderableType:
    """Return that a sync has changed nothing."""
    idle = (
        "Nothing new in the inbox: no table changed, no release was cut; "
        f"{release.release_id} stays live ({seconds:.0f} s)."
    )
    return lines([idle, *notices])


def sync_summary(
    outcome: "SyncOutcome", release: Release, seconds: float, notices: Iterable[str] = ()
) -> RenderableType:
    """Return what a sync made: landed rows, resolution, what was not delivered, checks, the release, what to try."""
    if outcome.is_idle:
        return nothing_new(release, seconds, notices)
    is_new = outcome.metadata("release", "live").get("is_new")
    biggest = _biggest_merges(release)
    return Group(
        table("Landed", ("source", "rows", "refused rows", "refused values", "refused files"), _landed(outcome)),
        text(_resolution(release)),
        table("Biggest merges", ("profile", "records", "sources"), biggest),
        lines(
            [
                *([f"Found: {outcome.found}"] if outcome.found else []),
                *_after_rollback(release),
                *notices,
                _checks(outcome),
                f"Release: {release.folder}" + ("" if is_new else " (unchanged: every table is the same as before)"),
                f"Customer report: {outcome.metadata('release', 'customer_360').get('path')}",
                f"Took {seconds:.0f} s",
                "Try next:",
                *(f"  {command}   # {shows}" for command, shows in _next_commands([row[0] for row in biggest])),
            ]
        ),
    )


def _checks(outcome: "SyncOutcome") -> str:
    passed, warned, failed = outcome.checks_passed, outcome.checks_warned, outcome.checks_failed
    return f"Checks: {passed} passed, {warned} warned, {failed} failed"


def _next_commands(profile_ids: list[str]) -> list[tuple[str, str]]:
    cdp = "cdp" if shutil.which("cdp") else os.path.relpath(sys.argv[0])
    of_one = [(f"{cdp} profile {found}", "one customer, every record and the journey") for found in profile_ids[:1]]
    return [
        *of_one,
        (f"{cdp} status", "what is live, how the last syncs went"),
        (f"{cdp} dev", "Dagster's UI: the graph by stage, the checks, the runs"),
    ]


def _landed(outcome: "SyncOutcome") -> list[tuple[str, *tuple[int, ...]]]:
    totals: dict[str, list[int]] = {}
    for stream in declared_streams():
        metadata = outcome.metadata("landing", stream.table)
        counts = [int(str(metadata.get(name, 0))) for name in _LOAD_COUNTS]
        totals[stream.source] = [
            a + b for a, b in zip(totals.get(stream.source, [0] * len(counts)), counts, strict=True)
        ]
    return [(source, *counts) for source, counts in totals.items()]


def _resolution(release: Release) -> str:
    with release.connect() as connection:
        records, profiles = connection.execute("select sum(record_count), count(*) from profiles").fetchall()[0]
    return f"Resolved {records or 0:,} person records into {profiles:,} profiles"


def _after_rollback(release: Release) -> Iterator[str]:
    """Yield that a release follows one to which a person had gone back."""
    if why := release.manifest.get("after_rollback"):
        former = release.manifest["previous_release_id"]
        yield (
            f"Release {former} was live again: {why}. There was something new, so that this release is built on it; it "
            "holds all that has been delivered"
        )


def _biggest_merges(release: Release) -> list[tuple[Any, ...]]:
    with release.connect() as connection:
        return connection.execute(
            "select profile_id, record_count, source_count from profiles order by 2 desc, 3 desc, 1 limit ?",
            [BIGGEST_MERGES],
        ).fetchall()


def model_comparison(found: "Comparison") -> RenderableType:
    """Return what a candidate identity model would change, and what to do about it."""
    rows = [
        ("records compared", found.record_count),
        ("profiles before", found.profile_count_before),
        ("profiles after", found.profile_count_after),
        ("profiles merged into others", found.merged_profile_count),
        ("profiles split", found.split_profile_count),
        ("records that move", found.moved_record_count),
        ("records that may move without approval", found.allowed_record_count),
    ]
    title = f"Candidate model {found.model_version} against {found.compared_with}"
    counted = table(title, ("what", "count"), [(what, f"{count:,}") for what, count in rows])
    if found.model_version == found.compared_with:
        return Group(counted, text("It is the model in force: nothing to approve."))
    return Group(counted, text("It waits: `cdp identity approve` lets the next sync use it."))


def customer(view: CustomerView, touchpoint_limit: int) -> RenderableType:
    """Return one customer for the terminal; of a long journey only the newest touchpoints."""
    return Group(
        facts("Profile", {**view.profile, **_shown_metrics(view.metrics)}),
        _records(view),
        _identifiers(view),
        _touchpoints(view, touchpoint_limit),
    )


def _records(view: CustomerView) -> Table:
    names = ("source_system", "source_record_type", "source_record_id", "link_reason")
    rows = [(*(record[name] for name in names), _share(record["match_probability"])) for record in view.records]
    return table("Records", ("source", "record type", "record", "linked by", "probability"), rows)


def _identifiers(view: CustomerView) -> Table:
    rows = [
        (
            found["identifier_type"],
            found["identifier_value"],
            "yes" if found["is_primary"] else "",
            "yes" if found["is_shared"] else "",
        )
        for found in view.identifiers
    ]
    return table("Identifiers", ("type", "value", "primary", "shared"), rows)


def _touchpoints(view: CustomerView, limit: int) -> Table:
    shown = view.touchpoints[-limit:]
    names = ("stage", "channel", "touchpoint_type")
    rows = [
        (f"{t['occurred_at']:%Y-%m-%d %H:%M}", *(t[name] for name in names), _money(t), t["satisfaction_score"])
        for t in shown
    ]
    title = f"Touchpoints (the newest {len(shown)} of {len(view.touchpoints)}, {len(view.journeys)} journeys)"
    return table(title, ("when (UTC)", "stage", "channel", "what", "amount", "satisfaction"), rows)


def _shown_metrics(metrics: Mapping[str, Any]) -> dict[str, Any]:
    names = (
        "segment",
        "order_count",
        "revenue_amount",
        "currency",
        "preferred_channel",
        "is_omnichannel",
        "nps_group",
    )
    return {name: metrics.get(name) for name in names}


def _share(probability: float | None) -> str:
    return "" if probability is None else f"{probability:.4f}"


def _money(touchpoint: Mapping[str, Any]) -> str:
    return "" if touchpoint["amount"] is None else f"{touchpoint['amount']} {touchpoint['currency']}"
