"""The shapes that ``--json`` prints: fields are only added to them. Times are ISO 8601 in UTC, or null."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypedDict, cast

from cdp_orchestration.release.lookup import CustomerView
from cdp_orchestration.release.reader import Release

if TYPE_CHECKING:
    from cdp_orchestration.identity_stage.explanation import Explained
    from cdp_orchestration.terminal.status import Status

Row = dict[str, Any]


class ReleaseJson(TypedDict):
    """One published release; ``cdp releases --json`` prints a list of them, the live one first."""

    release_id: str
    is_live: bool
    created_at: str
    folder: str
    profile_count: int
    code_version: str
    model_version: str | None
    sources: list[Row]


class LiveReleaseJson(TypedDict):
    """The live release with the number of rows of each table."""

    release_id: str
    folder: str
    tables: dict[str, int]


class SyncJson(TypedDict):
    """One run of the main job; status as Dagster names it, in lower case: success, failure, started, canceled."""

    run_id: str
    status: str
    started_at: str | None
    ended_at: str | None


class StatusJson(TypedDict):
    """What ``cdp status --json`` prints; syncs hold the newest first, candidate_model is null when none waits.

    objections say why the live release should not be trusted, unfinished what the next sync builds and why, notices
    name files that no stream reads and streams that were not fetched, automation says of each schedule and sensor
    whether it is running.
    """

    home: str
    live_release: LiveReleaseJson | None
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


def releases_json(releases: Iterable[Release]) -> list[ReleaseJson]:
    """Return the releases in their order, of which the first is live."""
    return [
        ReleaseJson(
            release_id=release.release_id,
            is_live=number == 0,
            created_at=release.manifest["created_at"],
            folder=str(release.folder),
            profile_count=release.manifest["tables"]["profiles"]["rows"],
            code_version=release.manifest["code_version"],
            model_version=release.manifest["model_version"],
            sources=release.manifest.get("sources", []),  # releases of earlier versions say nothing of them
        )
        for number, release in enumerate(releases)
    ]


def status_json(found: "Status") -> StatusJson:
    """Return what is live in a home, its newest runs and the candidate model that waits."""
    return StatusJson(
        home=str(found.home),
        live_release=None if found.live is None else _live_release(found.live),
        objections=list(found.objections),
        unfinished=list(found.unfinished),
        notices=list(found.notices),
        syncs=[
            SyncJson(
                run_id=run.run_id,
                status=run.status,
                started_at=_time(run.started_at),
                ended_at=_time(run.ended_at),
            )
            for run in found.syncs or ()
        ],
        automation=dict(found.automation),
        candidate_model=None if found.candidate is None else asdict(found.candidate),
    )


def _live_release(release: Release) -> LiveReleaseJson:
    tables = {name: int(entry["rows"]) for name, entry in release.manifest["tables"].items()}
    return LiveReleaseJson(release_id=release.release_id, folder=str(release.folder), tables=tables)


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
