"""Whatever a person materializes alone in Dagster's UI: no delivered row is lost and no refused row goes live.

A sync of one source completes what was left, and leaves the files of the other sources to whoever syncs those. Marked
``long`` are rows that a gate refused: any order of builds, gates and releases is tried every time by
``stages/test_stages_in_any_order.py``, and what a gate stops in a sync by ``gates/test_damaged_sync.py``.
"""

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from lifted_limits import FORM_OF_CURRENCIES, sync_without
from live_homes import copy_home, deliver_later
from release_comparison import comparable_tables, partition, release_of

from cdp_orchestration.dagster.code_location import build_definitions
from cdp_orchestration.dagster.instance import open_instance
from cdp_orchestration.dagster.source_jobs import source_schedules
from cdp_orchestration.dagster.sync_tries import INPUTS_TAG, inputs_of_a_sync, past_tries
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import read_warehouse

pytestmark = pytest.mark.slow

Cdp = Callable[..., Any]

NEW_CONTACTS = 20
DAMAGED_ROWS = 20  # more would be refused where they land, by the figures of the delivery


@pytest.fixture
def home(live_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a synced home that Dagster works on."""
    home = copy_home(live_home, tmp_path / "home")
    monkeypatch.setenv("CDP_HOME", str(home))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    return home


def _sync(cdp: Cdp, home: Path, *arguments: str) -> str:
    result = cdp(home, "sync", *arguments)
    assert result.returncode == 0, result.stdout + result.stderr
    return str(result.stdout)


@cache
def _definitions(home: Path) -> dg.Definitions:
    """Return the definitions of a home, which is the environment's; a click finds them loaded."""
    return build_definitions()


def _by_hand(home: Path, *chosen: str) -> tuple[bool, str]:
    """Materialize assets (``stage/table``) or whole groups (``stage``) with their checks, as the UI does."""
    definitions = _definitions(home)
    specs = list(definitions.resolve_all_asset_specs())
    keys = [spec.key for spec in specs if spec.key.to_user_string() in chosen or spec.group_name in chosen]
    assert keys, chosen
    job = definitions.resolve_implicit_global_asset_job_def()
    with open_instance(Settings(home)) as instance:
        result = job.execute_in_process(
            instance=instance,
            asset_selection=keys,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
        failures = instance.all_logs(result.run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
        texts = [_reason(entry.get_dagster_event().step_failure_data.error) for entry in failures]
    return result.success, "\n".join(texts)


def _reason(error: Any) -> str:
    """Return the texts of an error and of its causes."""
    return "" if error is None else f"{error.message}{_reason(error.cause)}"


def _deliver_contacts(home: Path) -> None:
    header = "Id,FirstName,LastName,Email,SystemModstamp"
    rows = (f"N{n:03d},Nora{n},Newman{n},nora{n}@new.example,2026-06-30T00:00:00Z" for n in range(NEW_CONTACTS))
    (home / "inbox" / "crm" / "contacts" / "zz_new.csv").write_text("\n".join([header, *rows]), encoding="utf-8")


def _new_people(home: Path) -> int:
    query = "select count(*) from profile_records where source_record_id like 'N0%' and source_system = 'crm'"
    return int(release_of(home).connect().execute(query).fetchall()[0][0])


@pytest.mark.scenario
def test_people_of_a_file_that_was_staged_in_part_are_not_lost_and_a_sync_of_their_source_publishes_them(
    home: Path, cdp: Cdp
) -> None:
    before, landed = release_of(home).release_id, _landed(home)
    assert "Not live yet" not in cdp(home, "status").stdout
    deliver_later(home, 1)
    _deliver_contacts(home)
    _stage_contacts_in_part(home, cdp)
    assert release_of(home).release_id == before
    shown = _sync(cdp, home, "--source", "crm")
    assert "Found: staging was built in part by hand" in shown
    assert "Not read: the files of ecommerce, in_store, support" in shown
    assert _new_people(home) == NEW_CONTACTS
    after = _landed(home)
    assert after["crm"] > landed["crm"]
    assert {**after, "crm": 0} == {**landed, "crm": 0}
    again = _sync(cdp, home, "--source", "crm")
    assert "Nothing new" in again
    assert "Not read: the files of ecommerce, in_store, support" in again
    assert _landed(home) == after
    _assert_schedules_know_what_waits(home)
    _refuse_afterwards(home, "table_name = 'interactions'")
    assert "Do not trust it: gate staging.interactions refuses what release" in cdp(home, "status").stdout


def _stage_contacts_in_part(home: Path, cdp: Cdp) -> None:
    """Materialize the landed contacts and one table of staging; the status says so, and no release can be made."""
    assert _by_hand(home, "landing/crm_contacts")[0]
    shown = cdp(home, "status").stdout
    assert "Not live yet: staging is behind" in shown
    assert "Do not trust it" not in shown
    assert _by_hand(home, "staging/stg_crm__contacts")[0]
    ended, text = _by_hand(home, "release/candidate")
    assert not ended
    assert "staging was built in part by hand (stg_crm__contacts" in text
    assert "materialize the group staging" in text
    assert not _by_hand(home, "release/live")[0]


def _landed(home: Path) -> dict[str, int]:
    with read_warehouse(Settings(home).warehouse) as connection:
        query = "select source, count(*) from operations.landing_batches where status = 'landed' group by 1"
        return dict(connection.execute(query).fetchall())


def _assert_schedules_know_what_waits(home: Path) -> None:
    """A sync of one source counts as none of all, and the schedule of that source has nothing to do."""
    settings, live = Settings(home), release_of(home)
    with open_instance(settings) as instance:
        (run,) = [run for run in instance.get_runs() if run.run_id == live.manifest["run_id"]]
        assert INPUTS_TAG not in run.tags
        assert past_tries(instance, inputs_of_a_sync(settings)) == []
        count = len(instance.get_runs())
        context = dg.build_schedule_context(instance=instance)
        ticks = {schedule.name: schedule.evaluate_tick(context) for schedule in source_schedules()}
        assert len(instance.get_runs()) == count
    skipped, asked = ticks["sync_crm_schedule"], ticks["sync_support_schedule"]
    assert skipped.skip_message == f"crm has nothing new: release {live.release_id} holds all that it has delivered"
    assert (len(skipped.run_requests or []), len(asked.run_requests or [])) == (0, 1)


@pytest.mark.long
def test_rows_that_a_gate_refused_go_live_by_no_order_of_clicks_and_corrected_by_hand_they_do(
    home: Path, live_home: Path, cdp: Cdp
) -> None:
    before = release_of(home).release_id
    damaged = _damage_currency(home)
    refused = sync_without(FORM_OF_CURRENCIES, home)
    assert refused.returncode == 1
    assert "gate staging." in refused.stderr
    assert "the live release is untouched" in refused.stderr
    for group in ("identity", "profiles", "journeys"):
        _by_hand(home, group)
    ended, text = _by_hand(home, "release/candidate")
    assert not ended
    assert "no release can be cut: gate staging." in text
    assert not _by_hand(home, "release/live")[0]
    assert not list((home / "releases").glob(".candidate-*"))
    again = cdp(home, "sync")
    assert again.returncode == 1
    assert "Nothing new" not in again.stdout
    assert release_of(home).release_id == before
    damaged.unlink()
    _deliver_correction(home, live_home, damaged.name)
    _release_by_hand(home)
    assert partition(release_of(home)) == partition(release_of(live_home))
    assert comparable_tables(release_of(home)) == comparable_tables(release_of(live_home))
    assert "Nothing new" in _sync(cdp, home)


def _release_by_hand(home: Path) -> None:
    """Materialize every group in order; a candidate whose gate has not passed does not go live."""
    before = release_of(home).release_id
    for group in ("landing", "staging", "identity", "profiles", "journeys"):
        ended, text = _by_hand(home, group)
        assert ended, text
    assert _by_hand(home, "release/candidate")[0]
    _refuse_afterwards(home, "stage = 'release'")
    ended, text = _by_hand(home, "release/live")
    assert not ended
    assert "the gate of release/candidate refuses candidate" in text
    assert release_of(home).release_id == before
    assert _by_hand(home, "release/candidate")[0]
    assert _by_hand(home, "release/live")[0]
    assert release_of(home).release_id != before


def _refuse_afterwards(home: Path, gates: str) -> None:
    """Note of some gates that they have not passed."""
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute(f"update operations.gate_results set is_passed = false where {gates}")


def _damage_currency(home: Path) -> Path:
    """Write 'EURO' as the currency of some transactions of one file."""
    file = sorted((home / "inbox" / "in_store" / "transactions").glob("*.parquet"))[0]
    table = pq.read_table(file)
    name = next(column for column in table.column_names if "currency" in column.lower())
    some = pa.array([number < DAMAGED_ROWS for number in range(table.num_rows)])
    values = pc.if_else(some, pa.scalar("EURO"), table[name].cast(pa.string()))
    pq.write_table(table.set_column(table.column_names.index(name), name, values), file)
    return file


def _deliver_correction(home: Path, healthy: Path, name: str) -> None:
    folder = Path("inbox") / "in_store" / "transactions"
    shutil.copy(healthy / folder / name, home / folder / name)


def test_a_table_that_is_named_like_a_folder_is_materialized_alone(home: Path) -> None:
    for key in ("profiles/profiles", "journeys/journeys"):
        ended, text = _by_hand(home, key)
        assert ended, text


def test_a_check_is_executed_alone_and_builds_nothing(home: Path) -> None:
    job = build_definitions().resolve_implicit_global_asset_job_def()
    keys = sorted(job.asset_layer.asset_graph.asset_check_keys)
    gate = next(key for key in keys if key.asset_key.path == ["staging", "interactions"] and key.name == "gate")
    dbt_test = next(key for key in keys if key.asset_key.path == ["staging", "interactions"] and key.name != "gate")
    noted = "select stage, state, run_id from operations.stage_builds order by all"
    for key in (gate, dbt_test):
        with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
            before = connection.execute(noted).fetchall()
        with open_instance(Settings(home)) as instance:
            chosen = job.get_subset(asset_check_selection={key})
            result = chosen.execute_in_process(instance=instance, raise_on_error=False)
            assert [check.asset_check_key for check in result.get_asset_check_evaluations()] == [key]
            assert result.success
            assert not result.asset_materializations_for_node(result.get_step_success_events()[0].node_name)
        with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
            assert connection.execute(noted).fetchall() == before


def test_a_stage_in_a_new_home_says_what_has_to_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDP_HOME", str(tmp_path / "new"))
    for key, missing in {
        "staging/stg_crm__contacts": "landing.crm_contacts",
        "identity/match_edges": "staging was never built",
        "profiles/profiles": "materialize",
        "release/candidate": "no release can be cut: ",
        "release/live": "materialize release/candidate",
    }.items():
        ended, text = _by_hand(tmp_path / "new", key)
        assert not ended
        assert missing in text
