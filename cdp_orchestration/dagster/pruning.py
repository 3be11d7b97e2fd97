"""Remove what a home need not keep: old releases, runs and refused rows; as a command, and as a job with a schedule."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import dagster as dg

from cdp_orchestration.dagster.automation import NIGHTLY_PRUNE, PRUNE_JOB
from cdp_orchestration.dagster.old_runs import remove_old_runs
from cdp_orchestration.home.audit import record
from cdp_orchestration.home.retention import Retention, read_retention
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.writer_lock import writer_lock
from cdp_orchestration.landing.storage.old_refusals import remove_old_refusals
from cdp_orchestration.open_tier.following import remove_tiers_of_pruned
from cdp_orchestration.release.pruning import Pruned, prune_releases


@dataclass(frozen=True)
class HomePruned:
    """What was removed, or would be.

    Attributes:
        releases: of the releases.
        run_count: how many of Dagster's runs.
        refusal_count: how many rows of the quarantine.
    """

    releases: Pruned
    run_count: int
    refusal_count: int


def prune_home(settings: Settings, retention: Retention, *, is_trial: bool = False) -> HomePruned:
    """Remove what need not be kept; the caller holds the writer's lock.

    Args:
        settings: the home.
        retention: what is kept.
        is_trial: only say what would be removed.

    Returns:
        What was removed.
    """
    kept = retention.releases
    pruned = prune_releases(settings.releases, kept.keep, kept.keep_daily, is_trial=is_trial)
    if pruned.removed and not is_trial:
        remove_tiers_of_pruned(settings)
        record(settings.audit, "prune", f"{len(pruned.removed)} releases", details={"removed": pruned.removed})
    now = datetime.now(UTC)
    refused_before = (now - timedelta(days=retention.refusals.keep_days)).replace(tzinfo=None)
    refusals = remove_old_refusals(settings, refused_before, is_trial=is_trial)
    if not settings.dagster_home.exists():
        return HomePruned(pruned, 0, refusals)
    before = now - timedelta(days=retention.runs.keep_days)
    return HomePruned(pruned, remove_old_runs(settings, before, is_trial=is_trial), refusals)


def prune_job() -> dg.JobDefinition:
    """Return the job."""

    @dg.op(name="remove_what_need_not_be_kept")
    def remove(context: dg.OpExecutionContext) -> None:
        settings = Settings.from_environment()
        retention = read_retention(settings.retention)
        with writer_lock(settings.writer_lock, f"Dagster run {context.run_id}", settings.writer_wait_seconds):
            pruned = prune_home(settings, retention)
        context.add_output_metadata(
            {
                "removed_releases": list(pruned.releases.removed),
                "releases_in_use": list(pruned.releases.in_use),
                "freed_bytes": pruned.releases.freed_bytes,
                "removed_runs": pruned.run_count,
                "removed_refusals": pruned.refusal_count,
                "kept": str(retention),
            }
        )

    @dg.job(
        name=PRUNE_JOB,
        description="Removes old releases, runs and refused rows, as `retention.yml` of the home says. The live "
        "release, pinned ones, and those that somebody reads, stay.",
    )
    def prune() -> None:
        remove()

    return prune


def nightly_prune() -> dg.ScheduleDefinition:
    """Return the schedule of the job: each night at 03:30 UTC."""
    return dg.ScheduleDefinition(
        name=NIGHTLY_PRUNE,
        job_name=PRUNE_JOB,
        cron_schedule="30 3 * * *",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="Removes what `retention.yml` of the home does not keep.",
    )
