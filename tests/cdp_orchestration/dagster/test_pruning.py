"""Old runs of Dagster go with their events, but for what the assets show; the job removes what is not kept."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from cdp_orchestration.dagster.automation import PRUNE_JOB
from cdp_orchestration.dagster.instance import open_instance
from cdp_orchestration.dagster.old_runs import remove_old_runs
from cdp_orchestration.dagster.pruning import prune_job
from cdp_orchestration.home.settings import Settings

pytestmark = pytest.mark.slow  # opens Dagster's storage

TOMORROW = datetime.now(UTC) + timedelta(days=1)


@dg.asset
def often() -> None:
    """Made by both runs."""


@dg.asset
def once() -> None:
    """Made by the first run alone."""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("CDP_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    return Settings.from_environment()


def test_a_run_goes_unless_an_asset_was_made_by_it_last(settings: Settings) -> None:
    with open_instance(settings) as instance:
        runs = [dg.materialize(assets, instance=instance).run_id for assets in ([often, once], [often], [often])]
    assert remove_old_runs(settings, datetime(2020, 1, 1, tzinfo=UTC)) == 0
    assert remove_old_runs(settings, TOMORROW, is_trial=True) == 1
    assert remove_old_runs(settings, TOMORROW) == 1
    with open_instance(settings) as instance:
        assert {run.run_id for run in instance.get_runs()} == {runs[0], runs[2]}
        assert instance.get_latest_materialization_event(dg.AssetKey("once")) is not None
    assert remove_old_runs(settings, TOMORROW) == 0


def test_the_job_says_what_it_removed_and_what_is_kept(settings: Settings) -> None:
    settings.home.mkdir()
    settings.retention.write_text("releases: {keep: 5, keep_daily: 1}\n", encoding="utf-8")
    with open_instance(settings) as instance:
        ended = prune_job().execute_in_process(instance=instance)
        assert ended.success
        (output,) = (event for event in ended.all_node_events if event.is_successful_output)
    metadata = output.step_output_data.metadata
    assert metadata["removed_releases"].value == []
    assert "the 5 newest releases and the last of 1 days stay" in metadata["kept"].value
    assert ended.job_def.name == PRUNE_JOB
