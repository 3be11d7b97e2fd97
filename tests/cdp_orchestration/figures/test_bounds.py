"""What is usual is learned from accepted deliveries; what harms readers is not credible."""

from datetime import datetime, timedelta

import pytest

from cdp_orchestration.figures.bounds import Accepted, compared
from cdp_orchestration.figures.families import FAMILIES
from cdp_orchestration.figures.figure import Figure, angle
from cdp_orchestration.figures.rhythm import by_rhythm

NOW = datetime(2026, 11, 2, 6)  # noqa: DTZ001 - a Monday; the warehouse keeps UTC without a zone


def _share(value: float, rows: int = 1_000, usual: float | None = 0.9, *, decisive: bool = True) -> Figure:
    return Figure("filled", "Email", value, rows, usual, 1_000, is_decisive=decisive)


def test_without_history_and_usual_value_everything_is_usual() -> None:
    found = compared(_share(0.0, usual=None), [], NOW)
    assert (found.is_usual, found.is_credible, found.low) == (True, True, None)


@pytest.mark.parametrize(
    ("value", "is_usual", "is_credible"), [(0.88, True, True), (0.68, False, True), (0.3, False, False)]
)
def test_a_share_far_below_the_usual_one_harms(value: float, is_usual: bool, is_credible: bool) -> None:
    found = compared(_share(value), [Accepted(NOW, 0.9, 0.0)] * 20, NOW)
    assert (found.is_usual, found.is_credible) == (is_usual, is_credible)


def test_more_values_than_usual_harm_no_one() -> None:
    assert compared(_share(1.0, usual=0.3), [], NOW).is_credible


def test_what_is_not_decisive_never_stops_a_release() -> None:
    found = compared(_share(0.0, decisive=False), [], NOW)
    assert (found.is_usual, found.is_credible) == (False, True)


def test_a_few_rows_never_stop_a_release() -> None:
    assert compared(_share(0.0, rows=20), [], NOW).is_credible


def test_deliveries_that_differ_much_widen_what_is_usual() -> None:
    history = [Accepted(NOW, 0.5, difference) for difference in (0.5, -0.4, 0.6, -0.5, 0.4, -0.6, 0.5, -0.5)]
    calm = [Accepted(NOW, 0.9, difference) for difference in (0.01, -0.01) * 4]
    assert compared(_share(0.55), history, NOW).is_usual
    assert not compared(_share(0.55), calm, NOW).is_usual


def test_limits_narrow_as_the_history_grows() -> None:
    calm = [Accepted(NOW, 0.9, 0.0)] * 30
    short, long = compared(_share(0.9), [], NOW), compared(_share(0.9), calm, NOW)
    assert short.low is not None
    assert long.low is not None
    assert short.low < long.low < 0.9


def test_an_amount_a_hundred_times_as_high_is_not_credible() -> None:
    figure = Figure("middle", "total_price", 10_000.0, 300, 100.0, 900, spread=0.8, is_decisive=True)
    assert not compared(figure, [], NOW).is_credible


def test_five_per_cent_growth_a_week_stays_usual_for_a_year() -> None:
    history: list[Accepted] = []
    for week in range(52):
        at = NOW + timedelta(weeks=week)
        found = compared(Figure("rows", "delivery", 1_000 * 1.05**week, 1_000), history, at)
        assert found.is_usual, week
        history.append(Accepted(at, found.figure.value, found.difference))


def test_a_quiet_sunday_is_usual_once_sundays_are_known_as_quiet() -> None:
    days = [NOW + timedelta(days=day) for day in range(28)]
    history = [Accepted(day, 20.0 if day.weekday() == 6 else 1_000.0) for day in days]
    sunday, monday = NOW + timedelta(days=34), NOW + timedelta(days=35)
    quiet = Figure("rows", "delivery", 20, 20)
    assert compared(quiet, history, sunday).is_usual
    assert not compared(quiet, history, monday).is_usual


def test_one_outlier_does_not_move_what_is_expected() -> None:
    history = [(NOW + timedelta(days=day), 10.0) for day in range(20)]
    history[10] = (history[10][0], 1_000.0)
    expected, _ = by_rhythm(history, NOW + timedelta(days=21))
    assert expected == pytest.approx(10.0)


def test_equal_mixes_are_no_angle_apart_and_disjoint_ones_a_right_one() -> None:
    assert angle([500, 500], [5_000, 5_000])[0] == 0.0
    assert angle([1_000, 0], [0, 1_000])[0] == pytest.approx(1.57, abs=0.01)


def test_a_line_names_what_was_found_and_what_is_usual() -> None:
    assert compared(_share(0.0), [], NOW).line == "Email, filled 0.0% (usual 62.6% to 100.0%; 1,000 rows)"


def test_each_figure_says_what_it_is() -> None:
    assert all(family.means for family in FAMILIES.values())
