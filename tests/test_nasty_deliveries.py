"""No value that a source may deliver stops the line: a release is cut, with every contract and gate holding."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from accepted_sync import accepted_sync
from live_homes import copy_home
from nasty_deliveries import deliver_nasty_rows
from release_comparison import release_of

from cdp_orchestration.sources import Stream, shipped_streams

pytestmark = pytest.mark.slow

Cdp = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory, live_home: Path, cdp: Cdp) -> tuple[Path, dict[str, int]]:
    """A home with a live release that then received one nasty value a row, for every field of every stream."""
    home = copy_home(live_home, tmp_path_factory.mktemp("nasty") / "home")
    before = release_of(home).release_id
    delivered = deliver_nasty_rows(home / "inbox")
    result = accepted_sync(cdp, home)
    assert result.returncode == 0, result.stdout + result.stderr
    assert release_of(home).release_id != before
    return home, delivered


def test_a_release_is_cut_from_rows_with_every_nasty_value_in_every_field(counts: tuple[Path, dict[str, int]]) -> None:
    home, delivered = counts
    people = release_of(home).connect().execute("select count(*) from profiles").fetchall()[0][0]
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
