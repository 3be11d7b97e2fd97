"""Remove Dagster's runs that ended long ago, with their events; what each asset says of itself last, stays."""

from datetime import datetime

from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

from cdp_orchestration.dagster.instance import open_instance
from cdp_orchestration.home.settings import Settings

_ENDED = [DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED]


def remove_old_runs(settings: Settings, before: datetime, *, is_trial: bool = False) -> int:
    """Remove the runs that ended before a time, but for the last one that made or checked an asset.

    Args:
        settings: the home.
        before: the time, UTC.
        is_trial: only count them.

    Returns:
        How many there were.
    """
    with open_instance(settings) as instance:
        kept = _runs_shown_by_assets(instance)
        ended = instance.get_runs(RunsFilter(statuses=_ENDED, updated_before=before))
        removed = [run.run_id for run in ended if run.run_id not in kept]
        if not is_trial:
            for run_id in removed:
                instance.delete_run(run_id)
    return len(removed)


def _runs_shown_by_assets(instance: DagsterInstance) -> set[str]:
    """Return the runs of which the assets show their last materialization."""
    entries = (record.asset_entry for record in instance.get_asset_records())
    found = {entry.last_materialization.run_id for entry in entries if entry.last_materialization}
    newest = instance.get_runs(RunsFilter(statuses=[DagsterRunStatus.SUCCESS]), limit=1)
    return found | {run.run_id for run in newest}
