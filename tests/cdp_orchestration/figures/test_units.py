"""Each figure is shown in its own unit, whatever the scale on which it is kept and compared."""

import math

import pytest

from cdp_orchestration.figures.families import FAMILIES, shown


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("filled", 0.125, "12.5%"),
        ("mix", math.pi / 2, "100.0%"),
        ("permissions", 0.1, "10.0%"),
        ("length", math.log(12), "12.00 letters"),
        ("age", 1.5, "1.50 days"),
        ("behind", 400.25, "400.25 days"),
        ("rows", 12_345.0, "12,345 rows"),
        ("middle", 12_345.6, "12,346"),
        ("average", 20.5, "20.50"),
        ("middle", 0.005, "0.005"),
    ],
)
def test_a_figure_is_shown_in_its_own_unit(name: str, value: float, words: str) -> None:
    assert shown(name, value) == words


@pytest.mark.parametrize("name", FAMILIES)
def test_a_limit_set_by_hand_in_the_unit_is_the_value_that_is_compared(name: str) -> None:
    unit = FAMILIES[name].unit
    assert unit.back(unit.of(0.25)) == pytest.approx(0.25)
