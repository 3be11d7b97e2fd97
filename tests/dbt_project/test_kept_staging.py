"""Whatever lands, is taken back or comes late: staging that keeps tables equals a full refresh."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from built_tables import rows_of_tables
from examples import examples
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from cdp_orchestration.dbt.runs import BuiltModel, run_models
from cdp_orchestration.demo import write_demo
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.identity_stage.tables import create_identity_tables
from cdp_orchestration.landing import create_landing_views, land_stream
from cdp_orchestration.landing.storage.withdrawn_deliveries import withdraw_delivery
from cdp_orchestration.sources import declared_stream, declared_streams
from cdp_orchestration.stages.inputs import landed_contents

pytestmark = pytest.mark.slow

STAGING = ("path:seeds", "path:models/staging")
STREAMS = tuple(f"{stream.source}/{stream.name}" for stream in declared_streams())
Step = tuple[str, str]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The inbox of four deliveries, of which a home gets a file at a time."""
    folder = tmp_path_factory.mktemp("delivered")
    write_demo(folder / "inbox", folder / "truth.csv", customers=25)
    return folder / "inbox"


@pytest.fixture(scope="module")
def first_home(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home whose staging was built from the first file of each stream."""
    home = Settings(home=tmp_path_factory.mktemp("first") / "home")
    with open_warehouse(home.warehouse) as connection:
        create_landing_views(connection, home)
        create_identity_tables(connection)
    _take(home, [("land", stream) for stream in STREAMS], files)
    _build(home)
    return home


def _take(home: Settings, steps: Sequence[Step], files: Path) -> None:
    """Deliver the next file of a stream, or take its newest one back."""
    for what, stream in steps:
        inbox = home.inbox / stream
        inbox.mkdir(parents=True, exist_ok=True)
        here = sorted(path.name for path in inbox.iterdir())
        waiting = [path for path in sorted((files / stream).iterdir()) if path.name not in here]
        if what == "land" and waiting:
            shutil.copy(waiting[0], inbox)
            land_stream(declared_stream(stream, home), home)
        if what == "land the last" and waiting:  # the others of the stream come late
            shutil.copy(waiting[-1], inbox)
            land_stream(declared_stream(stream, home), home)
        if what == "withdraw" and len(here) > 1:
            withdraw_delivery(declared_stream(stream, home), here[-1], home, by="kim")


def _build(home: Settings) -> list[BuiltModel]:
    with open_warehouse(home.warehouse) as connection:
        contents = landed_contents(connection, from_rows=0)
    variables = {"landed_contents": contents, "code_version": "c0de", "compared_from_rows": 0}
    return run_models(home.home, STAGING, variables, full_refresh=False, with_tests=False)


def _tables(warehouse: Path) -> dict[str, list[str]]:
    return rows_of_tables(warehouse, ("staging",))


def _full_refresh(home: Settings) -> dict[str, list[str]]:
    refreshed = Settings(home=home.home.with_name("refreshed"))
    shutil.rmtree(refreshed.home, ignore_errors=True)
    shutil.copytree(home.home, refreshed.home)
    with open_warehouse(refreshed.warehouse) as connection:
        create_landing_views(connection, refreshed)
    run_models(refreshed.home, STAGING, full_refresh=True)
    return _tables(refreshed.warehouse)


steps = st.tuples(st.sampled_from(["land", "land", "land the last", "withdraw"]), st.sampled_from(STREAMS))


@pytest.mark.long
@given(builds=st.lists(st.lists(steps, min_size=1, max_size=4), min_size=1, max_size=3))
@settings(
    max_examples=examples(3),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_builds_after_any_deliveries_equal_a_full_refresh(
    builds: list[list[Step]], first_home: Settings, files: Path, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "home", ignore_errors=True)
    home = Settings(shutil.copytree(first_home.home, tmp_path / "home"))
    for taken in builds:
        note(str(taken))
        _take(home, taken, files)
        _build(home)
    assert _tables(home.warehouse) == _full_refresh(home)


def test_one_order_file_and_a_withdrawn_ticket_file_change_what_they_change_and_nothing_else(
    first_home: Settings, files: Path, tmp_path: Path
) -> None:
    home = Settings(shutil.copytree(first_home.home, tmp_path / "home"))
    _take(home, [("land", "ecommerce/orders"), ("land", "support/tickets")], files)
    _build(home)
    _take(home, [("withdraw", "support/tickets")], files)
    _build(home)

    found = _tables(home.warehouse)

    assert found == _full_refresh(home)
    with open_warehouse(first_home.warehouse) as connection:
        former = dict(connection.execute("select table_name, content from operations.table_contents").fetchall())
    with open_warehouse(home.warehouse) as connection:
        present = dict(connection.execute("select table_name, content from operations.table_contents").fetchall())
    changed = {name for name, content in present.items() if former[name] != content}
    assert {"staging.stg_ecommerce__orders", "staging.interactions", "staging.order_values"} <= changed
    assert not changed & {"staging.stg_ecommerce__events", "staging.stg_support__tickets", "staging.crm_interactions"}
