"""Benchmark of profiles and journeys: everything, one profile in a hundred changed, and the same SQL without dbt.

It works in a copy of a synced home's warehouse.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path

from rich.console import RenderableType

from cdp_orchestration.benchmark.stopwatch import Took, timed
from cdp_orchestration.dbt.runs import BuiltModel, run_models
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.terminal.tables import table

_STAGES = ("path:models/profiles", "path:models/journeys")
# Late rows: all interactions of these profiles happened an hour earlier.
_CHANGE = """
    update staging.interactions
    set occurred_at = occurred_at - interval '1 hour'
    where person_record_id in (
        select person_record_id from identity.profile_assignments where hash(profile_id) % 100 = 7
    )
"""


def measure_journeys(warehouse: Path, workspace: Path) -> RenderableType:
    """Measure how long it takes to build the profiles and journeys of a warehouse.

    The SQL without dbt is that of the models as dbt compiled it, run one after the other on one connection; the one
    Python model is left out.

    Args:
        warehouse: the warehouse of a synced home, which is copied.
        workspace: the folder of the copy.

    Returns:
        A table of seconds and ratios.
    """
    home = Settings(workspace / "journeys_benchmark")
    home.home.mkdir(parents=True)
    shutil.copy(warehouse, home.warehouse)
    full, models = _build(home, full_refresh=True)
    without_dbt = _run_without_dbt(home, models)
    full_tested, _ = _build(home, full_refresh=True, with_tests=True)
    touched = _change(home)
    part, _ = _build(home, full_refresh=False)
    _change(home)
    part_tested, _ = _build(home, full_refresh=False, with_tests=True)
    interactions, profiles = _sizes(home)
    rows = [
        ("interactions, profiles", f"{interactions:,}, {profiles:,}"),
        ("everything, seconds", full),
        ("the same SQL without dbt", without_dbt),
        ("everything / SQL without dbt", full.relative_to(without_dbt)),
        ("everything with its data tests, as in a sync", full_tested),
        (f"1 % of the profiles changed ({touched:,} interactions)", part),
        ("1 % changed / everything", part.relative_to(full)),
        ("1 % changed with the data tests of all rows", part_tested),
    ]
    return table("Profiles and journeys", ("what", "value"), rows)


def _build(home: Settings, *, full_refresh: bool, with_tests: bool = False) -> tuple[Took, list[BuiltModel]]:
    models, took = timed(lambda: run_models(home.home, _STAGES, full_refresh=full_refresh, with_tests=with_tests))
    return took, models


def _run_without_dbt(home: Settings, models: Iterable[BuiltModel]) -> Took:
    with open_warehouse(home.warehouse) as connection:

        def run() -> None:
            for model in (each for each in models if each.language == "sql"):
                kind = "view" if model.materialization == "view" else "table"
                connection.execute(f"create {kind} without_dbt.{model.name} as {model.compiled_code}")

        connection.execute("create schema without_dbt")
        _, took = timed(run)
        connection.execute("drop schema without_dbt cascade")
    return took


def _change(home: Settings) -> int:
    with open_warehouse(home.warehouse) as connection:
        return int(connection.execute(_CHANGE).fetchall()[0][0])


def _sizes(home: Settings) -> tuple[int, int]:
    with open_warehouse(home.warehouse) as connection:
        counts = "select (select count(*) from staging.interactions), (select count(*) from profiles.profiles)"
        interactions, profiles = connection.execute(counts).fetchall()[0]
    return interactions, profiles
