"""A small delivery of which all rows are so cannot be right; one of which some are so may be."""

from datetime import datetime

import pytest

from cdp_orchestration.figures.bounds import Accepted, compared
from cdp_orchestration.figures.figure import Figure

NOW = datetime(2026, 11, 2, 6)  # noqa: DTZ001 - the warehouse keeps UTC without a zone


def _is_credible(
    name: str, value: float, rows: int, usual: float, usual_rows: int = 1_000, spread: float = 0.0
) -> bool:
    figure = Figure(name, "Email", value, rows, usual, usual_rows, spread, is_decisive=True)
    return compared(figure, [], NOW).is_credible


@pytest.mark.parametrize(
    ("name", "value", "usual"),
    [("filled", 0.0, 1.0), ("shared", 1.0, 0.002), ("misplaced", 1.0, 0.0), ("garbled", 1.0, 0.0)],
)
def test_ten_rows_that_are_all_as_none_ever_was_stop(name: str, value: float, usual: float) -> None:
    assert not _is_credible(name, value, 10, usual)
    assert _is_credible(name, value, 9, usual)


def test_one_row_that_is_right_among_ten_lets_them_through() -> None:
    assert _is_credible("filled", 0.1, 10, 1.0)


def test_what_a_tenth_of_the_accepted_rows_lacks_a_few_rows_may_lack() -> None:
    assert _is_credible("filled", 0.0, 20, 0.9)


def test_a_short_history_excludes_little() -> None:
    assert _is_credible("filled", 0.0, 10, 1.0, usual_rows=10)


def test_a_person_with_as_many_rows_before_may_have_all_rows() -> None:
    assert _is_credible("shared", 1.0, 12, 0.01, usual_rows=1_000)


def test_amounts_in_cents_stop_from_ten_rows_on() -> None:
    assert not _is_credible("middle", 10_000.0, 10, 100.0, spread=0.9)
    assert not _is_credible("middle", 0.1, 10, 100.0, spread=0.9)
    assert _is_credible("middle", 3_000.0, 10, 100.0, spread=0.9)
    assert _is_credible("middle", 10_000.0, 10, 100.0, spread=3.0)


def test_deliveries_that_differ_much_excuse_a_small_one() -> None:
    figure = Figure("filled", "Email", 0.0, 10, 0.99, 1_000, is_decisive=True)
    differing = [Accepted(NOW, 0.99, difference) for difference in (0.6, -0.6) * 10]
    assert compared(figure, differing, NOW).is_credible
    assert not compared(figure, [], NOW).is_credible
