"""The shapes that ``--json`` prints: fields are only added to them. Times are ISO 8601 in UTC, or null."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypedDict, cast

from cdp_orchestration.release.lookup import CustomerView
from cdp_orchestration.release.reader import Release

if TYPE_CHECKING:
    from cdp_orchestration.health.sources import StreamHealth
    from cdp_orchestration.identity_stage.explanation import Explained
    from cdp_orchestration.notifications import Finding
    from cdp_orchestration.terminal.status import Status

Row = dict[str, Any]


class LiveReleaseJson(TypedDict):
    """The live release with the number of rows of each table."""

    release_id: str
    created_at: str
    age_seconds: int
    gates_passed: int | None
    folder: str
    tables: dict[str, int]


class SyncJson(TypedDict):
    """One sync, by its job; status as Dagster names it, in lower case: success, failure, started, canceled."""

    run_id: str
    job: str
    status: str
    started_at: str | None
    ended_at: str | None


class FindingJson(TypedDict):
    """One thing that is wrong; details name keys and files, and are for the machine alone."""

    kind: str
    severity: str
    subject: str
    what: str
    remedy: str
    since: str | None
    counts: dict[str, int]
    run_id: str | None
    details: list[str]


class StreamJson(TypedDict):
    """One stream: its newest delivery, the seconds within which one is expected, and what is refused of it.

    refused_files has a sentence for each file; undeclared_columns the number of files that have each column.
    """

    stream: str
    state: str
    last_delivery: str | None
    expected_within_seconds: float | None
    paused_since: str | None
    refused_files: list[str]
    refused_rows: int
    refused_values: int
    undeclared_columns: dict[str, int]
    not_fetched: str | None


class StatusJson(TypedDict):
    """What ``cdp status --json`` prints; syncs hold the newest first, candidate_model is null when none waits.

    health is healthy, degraded or blocked, exit_code 0, 1 or 2 for it; findings are what is wrong, sources is null
    while another process writes the warehouse. objections say why the live release should not be trusted, unfinished
    what the next sync builds and why, notices name files that no stream reads, sources that are paused, and streams
    that are late or were not fetched, automation says whether each schedule and sensor that a user starts is running.
    """

    home: str
    health: str
    exit_code: int
    live_release: LiveReleaseJson | None
    findings: list[FindingJson]
    sources: list[StreamJson] | None
    objections: list[str]
    unfinished: list[str]
    notices: list[str]
    syncs: list[SyncJson]
    automation: dict[str, bool]
    candidate_model: Row | None


class ProfileJson(TypedDict):
    """What ``cdp profile --json`` prints: rows of the published tables, with the columns that their contracts name."""

    profile: Row
    records: list[Row]
    identifiers: list[Row]
    metrics: Row
    journeys: list[Row]
    touchpoints: list[Row]


class NamedRecordsJson(TypedDict):
    """What one term of ``cdp explain`` names: the profile, and its records or the one record."""

    profile_id: str
    person_record_ids: list[str]


class ExplanationJson(TypedDict):
    """What ``cdp explain --json`` prints.

    reasons are sentences, the most important first. links hold rows of `match_edges`, each with the weighed pair.
    closest are the pairs of two profiles that agree most; conflict is the pair that speaks most against one person. A
    weighed pair holds its findings: comparison, level and weights in bits.
    """

    left: NamedRecordsJson
    right: NamedRecordsJson
    decisions: list[Row]
    is_one_profile: bool
    verdict: str
    reasons: list[str]
    links: list[Row]
    closest: list[Row]
    conflict: Row | None
    missed_rules: list[str]


def status_json(found: "Status") -> StatusJson:
    """Return the state of a home: its health and why, the live release, its sources, its newest runs."""
    from cdp_orchestration.terminal.status import EXIT_CODES

    return StatusJson(
        home=str(found.home),
        health=found.health,
        exit_code=EXIT_CODES[found.health],
        live_release=None if found.live is None else _live_release(found.live, found.live_age),
        findings=[_finding(each) for each in found.findings],
        sources=None if found.streams is None else [stream_json(each) for each in found.streams],
        objections=found.objections,
        unfinished=list(found.unfinished),
        notices=list(found.notices),
        syncs=[
            SyncJson(
                run_id=run.run_id,
                job=run.job_name,
                status=run.status,
                started_at=_time(run.started_at),
                ended_at=_time(run.ended_at),
            )
            for run in found.syncs or ()
        ],
        automation=dict(found.automation),
        candidate_model=None if found.candidate is None else asdict(found.candidate),
    )


def _live_release(release: Release, age: timedelta | None) -> LiveReleaseJson:
    gates = release.manifest.get("gates")
    return LiveReleaseJson(
        release_id=release.release_id,
        created_at=release.manifest["created_at"],
        age_seconds=int(age.total_seconds()) if age else 0,
        gates_passed=None if gates is None else len(gates),
        folder=str(release.folder),
        tables={name: int(entry["rows"]) for name, entry in release.manifest["tables"].items()},
    )


def _finding(finding: "Finding") -> FindingJson:
    values = asdict(finding)
    values.pop("occurrence")
    return cast("FindingJson", {**values, "details": list(finding.details)})


def stream_json(each: "StreamHealth") -> StreamJson:
    """Return how one stream stands."""
    from cdp_orchestration.terminal.status_report import state_of

    freshness, delivered = each.stream.freshness, each.lateness.delivered_at
    return StreamJson(
        stream=each.name,
        state=state_of(each),
        last_delivery=None if delivered is None else delivered.isoformat(timespec="seconds") + "+00:00",
        expected_within_seconds=freshness.warn.total_seconds() if freshness and freshness.warn else None,
        paused_since=each.paused_since,
        refused_files=list(each.refused),
        refused_rows=each.refused_row_count,
        refused_values=each.refused_value_count,
        undeclared_columns=dict(each.undeclared),
        not_fetched=each.problem,
    )


def _time(timestamp: float | None) -> str | None:
    return None if timestamp is None else datetime.fromtimestamp(timestamp, UTC).isoformat(timespec="seconds")


def profile_json(view: CustomerView) -> ProfileJson:
    """Return one customer."""
    return ProfileJson(
        profile=view.profile,
        records=view.records,
        identifiers=view.identifiers,
        metrics=view.metrics,
        journeys=view.journeys,
        touchpoints=view.touchpoints,
    )


def explanation_json(explained: "Explained") -> ExplanationJson:
    """Return an explanation without the values of the records."""
    return cast("ExplanationJson", explained.as_json())
