"""A candidate is compared with the live release: by the rows of its tables, and by what the same keys say."""

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from cdp_orchestration.figures.bounds import Accepted
from cdp_orchestration.figures.comparing import compare_release
from cdp_orchestration.figures.figure import Figure
from cdp_orchestration.figures.release_figures import ReleasedTable, release_figures

NOW = datetime(2026, 11, 2, 6)  # noqa: DTZ001 - the warehouse keeps UTC without a zone


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    """Return a warehouse of which staging has 100 person records and 200 interactions."""
    connection = duckdb.connect()
    connection.execute("create schema staging")
    connection.execute("create table staging.person_records as from range(100)")
    connection.execute("create table staging.interactions as from range(200)")
    return connection


def _table(folder: Path, new: str, old: str, key: str) -> ReleasedTable:
    files = folder / "new.parquet", folder / "old.parquet"
    counts = []
    for file, query in zip(files, (new, old), strict=True):
        duckdb.execute(f"copy ({query}) to '{file}' (format parquet)")
        counts += duckdb.execute(f"select count(*) from '{file}'").fetchone() or ()
    return ReleasedTable(files[0], counts[0], (key,), files[1], counts[1])


def _figure(found: list[Figure], name: str, of: str) -> Figure:
    (figure,) = (each for each in found if (each.name, each.of) == (name, of))
    return figure


def test_a_table_that_lost_rows_while_staging_did_not_stops(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    table = _table(tmp_path, "select range as touchpoint_id, 1.0 as amount from range(130)",
                   "select range as touchpoint_id, 1.0 as amount from range(200)", "touchpoint_id")  # fmt: skip
    found = compare_release(warehouse, {"touchpoints": table}, "run", ())
    assert [each.line for each in found.figures if not each.is_credible] == [
        "touchpoints, records 130 rows (usual 154 rows to 260 rows; 200 rows)"
    ]


def test_rows_that_staging_itself_has_lost_are_not_missed(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    table = _table(
        tmp_path, "select range as order_id from range(50)", "select range as order_id from range(100)", "order_id"
    )
    history = {("records", "staging.interactions"): [Accepted(NOW, 400.0)]}
    tables = {"households": table}
    assert _figure(release_figures(warehouse, tables, history), "records", "households").usual == 100
    orders = {"journeys": table}
    assert _figure(release_figures(warehouse, orders, history), "records", "journeys").usual == 50


def test_amounts_of_the_same_orders_permissions_and_lost_values_are_measured(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for name in ("orders", "consents", "profiles"):
        (tmp_path / name).mkdir()
    tables = {
        "orders": _table(
            tmp_path / "orders",
            "select range as order_id, 9 as order_amount, if(range < 5, 99, 12) as net_reporting_amount from range(10)",
            "select range as order_id, 9 as order_amount, 10 as net_reporting_amount from range(10)",
            "order_id",
        ),
        "profile_consents": _table(
            tmp_path / "consents",
            "select range as profile_id, true as is_contactable from range(4)",
            "select range as profile_id, range = 0 as is_contactable from range(4)",
            "profile_id",
        ),
    }
    found = release_figures(warehouse, tables, {})
    assert _figure(found, "moved", "orders.net_reporting_amount").value == 0.5
    assert _figure(found, "moved", "orders.order_amount").value == 0.0
    assert _figure(found, "changed", "orders.net_reporting_amount, to nothing").value == 0.0
    assert _figure(found, "turned", "profile_consents.permissions").value == 1.0


def test_a_first_release_is_learned_from(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    found = compare_release(warehouse, {"profiles": ReleasedTable(tmp_path / "none", 7, ("profile_id",))}, "run", ())
    assert found.is_credible
    assert _figure([each.figure for each in found.figures], "records", "profiles").value == 7


def test_what_a_person_accepted_is_credible_again_until_it_is_farther_off(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    table = _table(tmp_path, "select range as touchpoint_id, 9.0 as amount from range(200)",
                   "select range as touchpoint_id, if(range < 120, 1.0, 9.0) as amount from range(200)",
                   "touchpoint_id")  # fmt: skip
    assert not compare_release(warehouse, {"touchpoints": table}, "first", ()).is_credible
    assert not compare_release(warehouse, {"touchpoints": table}, "second", ()).is_credible
    warehouse.execute("update operations.figures set is_accepted = true where run_id = 'second'")
    assert compare_release(warehouse, {"touchpoints": table}, "third", ()).is_credible
