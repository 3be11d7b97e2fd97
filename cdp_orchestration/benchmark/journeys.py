"""Measure profiles and journeys: everything, one profile in a hundred changed, and the same SQL without dbt.

Everything happens in a copy of a synced home's warehouse.
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
# Late rows: whatever these profiles did was an hour earlier.
_CHANGE = """
    update staging.interactions
    set occurred_at = occurred_at - interval '1 hour'
    where person_record_id in (
        select person_record_id from identity.profile_assignments where hash(profile_id) % 100 = 7
    )
"""


def measure_journeys(warehouse: Path, workspace: Path) -> RenderableType:
    """Return seconds of building the profiles and journeys of a warehouse, which is copied into the workspace.

    The SQL without dbt is that of the models as dbt compiled it, run one after the other
    on one connection; the one Python model is not among it.
    """
    home = Settings(workspace / "journeys_benchmark")
    home.home.mkdir(parents=True)
    shutil.copy(warehouse, home.warehouse)
    whole, models = _build(home, full_refresh=True)
    bare = _run_bare(home, models)
    tested, _ = _build(home, full_refresh=True, with_tests=True)
    touched = _change(home)
    part, _ = _build(home, full_refresh=False)
    _change(home)
    part_tested, _ = _build(home, full_refresh=False, with_tests=True)
    interactions, profiles = _sizes(home)
    told = [
        ("interactions, profiles", f"{interactions:,}, {profiles:,}"),
        ("everything, seconds", whole),
        ("the same SQL without dbt", bare),
        ("everything / SQL without dbt", whole.against(bare)),
        ("everything with its data tests, as in a sync", tested),
        (f"1 % of the profiles changed ({touched:,} interactions)", part),
        ("1 % changed / everything", part.against(whole)),
        ("1 % changed with the data tests of all rows", part_tested),
    ]
    return table("Profiles and journeys", ("what", "value"), told)


def _build(home: Settings, *, full_refresh: bool, with_tests: bool = False) -> tuple[Took, list[BuiltModel]]:
    models, took = timed(lambda: run_models(home.home, _STAGES, full_refresh=full_refresh, with_tests=with_tests))
    return took, models


def _run_bare(home: Settings, models: Iterable[BuiltModel]) -> Took:
    with open_warehouse(home.warehouse) as connection:

        def run() -> None:
            for model in (each for each in models if each.language == "sql"):
                kind = "view" if model.materialization == "view" else "table"
                connection.execute(f"create {kind} bare.{model.name} as {model.compiled_code}")

        connection.execute("create schema bare")
        _, took = timed(run)
        connection.execute("drop schema bare cascade")
    return took


def _change(home: Settings) -> int:
    with open_warehouse(home.warehouse) as connection:
        return int(connection.execute(_CHANGE).fetchall()[0][0])


def _sizes(home: Settings) -> tuple[int, int]:
    with open_warehouse(home.warehouse) as connection:
        counts = "select (select count(*) from staging.interactions), (select count(*) from profiles.profiles)"
        interactions, profiles = connection.execute(counts).fetchall()[0]
    return interactions, profiles
