"""End pending erasures: what landed loses the people, everything is built anew, and nothing may be left."""

from collections import Counter
from dataclasses import dataclass

import dagster as dg

from cdp_orchestration.dagster.automation import ERASE_JOB, ERASURE_SENSOR, INACTIVE_JOB
from cdp_orchestration.dagster.progress import OnProgress
from cdp_orchestration.dagster.sync_run import SyncOutcome, run_sync
from cdp_orchestration.destinations.declaration import read_destinations
from cdp_orchestration.destinations.publishing import publish_to
from cdp_orchestration.home.retention import read_retention
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.writer_lock import OnWait, writer_lock
from cdp_orchestration.privacy.erasing import Removed, finish, remove_people
from cdp_orchestration.privacy.inactivity import begin_due, due_profiles
from cdp_orchestration.privacy.old_texts import coarsen_texts, old_texts
from cdp_orchestration.privacy.proof import Left
from cdp_orchestration.privacy.requests import pending_erasures, today
from cdp_orchestration.privacy.settings import read_privacy_settings
from cdp_orchestration.privacy.usual_figures import measure_without
from cdp_orchestration.privacy.warehouse import write_anew


@dataclass(frozen=True)
class Erased:
    """What became of the pending erasures.

    Attributes:
        requests: the ids of their requests.
        removed: what left the home before it was built anew, one a request.
        outcome: the sync that built everything without the people.
        left: where something of them is left; such an erasure goes on with the next command.
        destinations: the places outside that now show the release without them, and nothing older.
    """

    requests: tuple[str, ...]
    removed: tuple[Removed, ...]
    outcome: SyncOutcome
    left: tuple[Left, ...]
    destinations: tuple[str, ...]


def run_erasures(settings: Settings, *, on_progress: OnProgress, on_wait: OnWait | None = None) -> Erased | None:
    """End all erasures that are pending.

    Args:
        settings: the home.
        on_progress: called as steps of the sync start and stages end.
        on_wait: called with a sentence that names the process that is waited for.

    Returns:
        What became of them; None where none is pending. SyncFailedError where a gate refused what was built without
        the people, or a step failed: releases, files and what landed have lost them by then, and the next command goes
        on.
    """
    pending = pending_erasures(settings)
    if not pending:
        return None
    privacy = read_privacy_settings(settings)
    with writer_lock(settings.writer_lock, "erasing people", settings.writer_wait_seconds, on_wait):
        removed = [remove_people(settings, each, privacy, today()) for each in pending]
        measure_without(settings, pending)
    outcome = run_sync(settings, on_progress=on_progress, on_wait=on_wait)
    destinations = _publish(settings)
    with writer_lock(settings.writer_lock, "erasing people", settings.writer_wait_seconds, on_wait):
        left = finish(settings, pending, privacy, today())
    requests = tuple(each.request_id for each in pending)
    return Erased(requests, tuple(removed), outcome, tuple(left), destinations)


def build_without_texts(settings: Settings, *, on_progress: OnProgress, on_wait: OnWait | None = None) -> SyncOutcome:
    """Build everything from rows that have lost their texts, and leave nothing of these in the warehouse.

    Args:
        settings: the home.
        on_progress: called as steps of the sync start and stages end.
        on_wait: called with a sentence that names the process that is waited for.

    Returns:
        The sync; SyncFailedError where it was stopped: the next one goes on.
    """
    outcome = run_sync(settings, on_progress=on_progress, on_wait=on_wait)
    with writer_lock(settings.writer_lock, "removing old texts", settings.writer_wait_seconds, on_wait):
        write_anew(settings)
    return outcome


def _publish(settings: Settings) -> tuple[str, ...]:
    names = tuple(read_destinations(settings))
    for name in names:
        publish_to(settings, name, only_newest=True)
    return names


def erase_job() -> dg.JobDefinition:
    """Return the job that ends pending erasures, for Dagster's UI and its daemon."""

    @dg.op(name="end_pending_erasures")
    def erase(context: dg.OpExecutionContext) -> None:
        settings = Settings.from_environment()
        erased = run_erasures(settings, on_progress=lambda _: None)
        if erased is None:
            context.add_output_metadata({"pending": 0})
            return
        context.add_output_metadata(
            {
                "requests": list(erased.requests),
                "rows": sum(rows.row_count for removed in erased.removed for rows in removed.rows),
                "sync": erased.outcome.run_id,
                "left": [str(each) for each in erased.left],
            }
        )
        if erased.left:
            raise dg.Failure("something of the people is left", metadata={"left": [str(each) for each in erased.left]})

    @dg.job(
        name=ERASE_JOB,
        description="Ends the erasures that `cdp privacy erase` has begun: people leave all that landed and all "
        "releases, everything is built without them, and a search of the whole home shows that nothing is left.",
    )
    def erase_people() -> None:
        erase()

    return erase_people


class InactivePeople(dg.Config):
    """What the job about inactive people may do."""

    dry_run: bool = True


def inactive_job() -> dg.JobDefinition:
    """Return the job of what is kept too long: it begins the erasure of inactive people, and takes out old texts."""

    @dg.op(name="find_inactive_people")
    def find(context: dg.OpExecutionContext, config: InactivePeople) -> None:
        settings = Settings.from_environment()
        kept = read_retention(settings.retention)
        coarsened = 0
        with writer_lock(settings.writer_lock, f"Dagster run {context.run_id}", settings.writer_wait_seconds):
            due = due_profiles(settings, kept.people)
            texts = old_texts(settings, kept.texts)
            if not config.dry_run:
                begin_due(settings, due, "retention")
                privacy = read_privacy_settings(settings)
                coarsened = coarsen_texts(settings, kept.texts, privacy, "retention", today())
        if coarsened and not due:
            build_without_texts(settings, on_progress=lambda _: None)
        counts = Counter(each.kind for each in due)
        rows = sum(each.row_count for each in texts)
        context.add_output_metadata({"due": len(due), "dry_run": config.dry_run, **counts, "rows_with_old_texts": rows})

    @dg.job(
        name=INACTIVE_JOB,
        description="Counts the people who were inactive for longer than `people` of `retention.yml` keeps, and the "
        "rows with older texts than `texts` keeps; with `dry_run` off, begins the erasure of the people, which the "
        "sensor of erasures ends, and takes out the texts.",
    )
    def inactive_people() -> None:
        find()

    return inactive_people


def erasure_sensor() -> dg.SensorDefinition:
    """Return the sensor that goes on with pending erasures, once an hour; it starts running."""

    @dg.sensor(
        name=ERASURE_SENSOR,
        job_name=ERASE_JOB,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Goes on with the erasures of people that have not ended, each hour until they have.",
    )
    def erasure(_context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        pending = pending_erasures(Settings.from_environment())
        if not pending:
            return dg.SkipReason("no erasure is pending")
        requests = " ".join(each.request_id for each in pending)
        return dg.RunRequest(run_key=f"{today():%Y-%m-%dT%H} {requests}")

    return erasure
