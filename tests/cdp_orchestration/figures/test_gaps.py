"""A stretch without rows, between stretches that have as many as always."""

import random

from cdp_orchestration.figures.gaps import days_by_chance, missing_days

DAY = 86_400.0


def _rows(days: int, rows_a_day: int = 10, without: range = range(0)) -> list[float]:
    chance = random.Random(7)
    return [(day + chance.random()) * DAY for day in range(days) if day not in without for _ in range(rows_a_day)]


def test_a_month_that_is_missing_lacks_a_months_rows() -> None:
    assert 30 < missing_days(_rows(365, without=range(90, 121))) < 38


def test_nights_and_single_rows_are_no_gap() -> None:
    assert missing_days(_rows(365)) < 2
    assert missing_days([5.0]) == missing_days([]) == missing_days([5.0, 5.0]) == 0


def test_one_old_row_far_from_all_others_lacks_no_more_than_itself() -> None:
    rows = _rows(100)
    assert missing_days([*rows, -3_000 * DAY]) < 32  # one row, at a third of a row a day


def test_a_time_in_which_fewer_rows_came_is_no_gap() -> None:
    quiet, busy = _rows(200, rows_a_day=1), [200 * DAY + moment for moment in _rows(100, rows_a_day=50)]
    assert missing_days(quiet + busy) < 1


def test_few_rows_have_long_gaps_by_chance() -> None:
    assert days_by_chance(_rows(1_000, rows_a_day=10)) == 1.0
    sparse = _rows(1_000, rows_a_day=1)[::10]
    assert 40 < days_by_chance(sparse) < 50  # ln 100 times ten days
    assert days_by_chance([]) == 1.0
