"""The figures of a table over its last runs: which come first, and whether they count."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from cdp_orchestration.figures.acceptance import accept_run
from cdp_orchestration.figures.bounds import Compared, compared
from cdp_orchestration.figures.figure import Figure
from cdp_orchestration.figures.store import store_figures
from cdp_orchestration.figures.trends import SHOWN_RUNS, figure_trends, trends_of
from cdp_orchestration.home.settings import Settings

SUBJECT = "landing.crm_contacts"
NOW = datetime(2026, 11, 2, 6)  # noqa: DTZ001 - the warehouse keeps UTC without a zone
WIDE = {"low": 0.85, "high": 1.0}


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def _figure(
    of: str, value: float, *, usual: bool = True, credible: bool = True, difference: float | None = None
) -> Compared:
    figure = Figure("filled", of, value, 1_000)
    return Compared(figure, 0.95, **WIDE, is_usual=usual, is_credible=credible, difference=difference)


def test_what_waits_comes_first_then_what_is_unusual_then_what_is_far_from_usual(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = [
        _figure("Id", 0.95),
        _figure("Phone", 0.9, difference=-0.02),
        _figure("City", 0.88, difference=-0.08),
        _figure("Birthdate", 0.7, usual=False),
        _figure("Email", 0.0, usual=False, credible=False),
    ]
    store_figures(warehouse, SUBJECT, "run-1", found, accepted=False)
    trends = figure_trends(warehouse, SUBJECT)
    assert trends is not None
    assert [(each.of, each.state) for each in trends.trends] == [
        ("Email", "waiting"),
        ("Birthdate", "unusual"),
        ("City", "held"),
        ("Phone", "held"),
        ("Id", "held"),
    ]
    newest = trends.trends[0]
    assert (newest.found, newest.usual, newest.rows) == ("0.0%", "85.0% to 100.0%", 1_000)
    assert newest.means == "share of rows that have it"


def test_what_a_person_accepted_says_so(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    store_figures(
        warehouse, "staging.person_records", "run-123", [_figure("Email", 0.0, credible=False)], accepted=False
    )
    accept_run(warehouse, "run-123", Settings(tmp_path), by="ada", why="a new form")
    trends = figure_trends(warehouse, "staging.person_records")
    assert trends is not None
    assert [each.state for each in trends.trends] == ["accepted"]


def test_a_trend_has_the_last_runs_and_ends_with_the_newest(warehouse: duckdb.DuckDBPyConnection) -> None:
    for day in range(SHOWN_RUNS + 3):
        store_figures(warehouse, SUBJECT, f"run-{day}", [_figure("Email", 0.9 + day / 1_000)], accepted=True)
    store_figures(warehouse, SUBJECT, "newest", [_figure("Id", 1.0), _figure("Email", 0.123456789)], accepted=True)
    trends = figure_trends(warehouse, SUBJECT)
    assert trends is not None
    assert trends.run_name == "newest"
    lengths = {each.of: len(each.values) for each in trends.trends}
    assert lengths == {"Email": SHOWN_RUNS, "Id": 1}
    (email,) = (each for each in trends.trends if each.of == "Email")
    assert email.values[-1] == 0.12346
    assert email.limits[-1] == (0.85, 1.0)


def test_a_figure_that_the_newest_run_did_not_measure_is_left_out(warehouse: duckdb.DuckDBPyConnection) -> None:
    store_figures(warehouse, SUBJECT, "run-1", [_figure("Email", 0.9), _figure("Fax", 0.1)], accepted=True)
    store_figures(warehouse, SUBJECT, "run-2", [_figure("Email", 0.9)], accepted=True)
    trends = figure_trends(warehouse, SUBJECT)
    assert trends is not None
    assert [each.of for each in trends.trends] == ["Email"]


def test_a_first_figure_has_no_limits_and_a_table_that_was_never_measured_no_figures(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    assert trends_of(warehouse, [SUBJECT]) == {}
    first = compared(Figure("rows", "delivery", 40, 40), [], NOW)
    store_figures(warehouse, SUBJECT, "run-1", [first], accepted=True)
    assert list(trends_of(warehouse, [SUBJECT, "staging.unmeasured"])) == [SUBJECT]
    trends = figure_trends(warehouse, SUBJECT)
    assert trends is not None
    assert [(each.state, each.usual, each.limits) for each in trends.trends] == [("first", "", [None])]
