"""No value that a source may deliver stops the line: whatever lands is staged, with every contract and test holding.

The whole line to a release, with its gates, is marked ``long``.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from accepted_sync import accepted_sync
from live_homes import copy_home
from nasty_deliveries import deliver_nasty_rows
from release_comparison import release_of

from cdp_orchestration.dbt.runs import run_models
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.identity_stage.tables import create_identity_tables
from cdp_orchestration.landing import create_landing_views, land_stream
from cdp_orchestration.sources import Stream, shipped_streams

pytestmark = pytest.mark.slow

Cdp = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """A home in which one nasty value a row has landed, for every field of every stream; and the rows of each."""
    settings = Settings(tmp_path_factory.mktemp("nasty") / "home")
    delivered = deliver_nasty_rows(settings.inbox)
    with open_warehouse(settings.warehouse) as connection:
        create_landing_views(connection, settings)
        create_identity_tables(connection)
    for stream in shipped_streams():
        land_stream(stream, settings)
    return settings.home, delivered


def test_rows_with_every_nasty_value_in_every_field_are_staged(counts: tuple[Path, dict[str, int]]) -> None:
    home, delivered = counts
    run_models(home, ["path:seeds", "path:models/staging"], full_refresh=True, with_tests=True)
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        people = warehouse.execute("select count(*) from staging.person_records").fetchall()[0][0]
    assert people > delivered["crm_contacts"] / 2


@pytest.mark.parametrize("stream", shipped_streams(), ids=lambda stream: stream.table)
def test_each_nasty_row_lands_or_is_refused_by_line(counts: tuple[Path, dict[str, int]], stream: Stream) -> None:
    home, delivered = counts
    refusals = "operations.quarantined where not is_row_landed and source_file like '%nasty%' "
    refusals += f"and source = '{stream.source}' and stream = '{stream.name}'"
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        rows = f"select _source_line from landing.{stream.table} where _source_file like '%nasty%'"
        landed = {line for (line,) in warehouse.execute(rows).fetchall()}
        refused = {line for (line,) in warehouse.execute(f"select source_line from {refusals}").fetchall()}
    assert landed | refused == set(range(1, delivered[stream.table] + 1))
    assert landed & refused == set()
    assert len(landed) > len(refused)


@pytest.mark.long
def test_a_release_is_cut_from_rows_with_every_nasty_value_in_every_field(
    live_home: Path, tmp_path: Path, cdp: Cdp
) -> None:
    home = copy_home(live_home, tmp_path / "home")
    before = release_of(home).release_id
    delivered = deliver_nasty_rows(home / "inbox")
    result = accepted_sync(cdp, home)
    assert result.returncode == 0, result.stdout + result.stderr
    assert release_of(home).release_id != before
    people = release_of(home).connect().execute("select count(*) from profiles").fetchall()[0][0]
    assert people > delivered["crm_contacts"] / 2
