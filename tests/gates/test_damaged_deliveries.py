"""Damage that is well-formed lands, and the figures of the stream's gate find it; what is clean stops nothing."""

from pathlib import Path

import pytest

from cdp_orchestration.benchmark.planted.damage import Damage
from cdp_orchestration.benchmark.planted.damages import DAMAGES
from cdp_orchestration.benchmark.planted.homes import HealthyHomes, Planted
from cdp_orchestration.benchmark.planted.variations import VARIATIONS

pytestmark = pytest.mark.slow

# One stream of persons and one of sales, so that two healthy homes of each kind of rows are made; the others by night.
USUAL_STREAMS = ("crm/contacts", "in_store/transactions")


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> HealthyHomes:
    """Return homes with three healthy deliveries of a stream, made of a demo."""
    return HealthyHomes(tmp_path_factory.mktemp("silos"))


def _marked(each: Damage | Planted) -> object:
    planted = each.planted if isinstance(each, Damage) else each
    is_usual = planted.stream in USUAL_STREAMS
    name = f"{planted.name} ({planted.stream})"
    return pytest.param(each, id=name, marks=() if is_usual else pytest.mark.long)


@pytest.mark.parametrize("damage", [_marked(each) for each in DAMAGES])
def test_a_damaged_delivery_is_found_by_the_gate_of_its_stream(
    damage: Damage, homes: HealthyHomes, tmp_path: Path
) -> None:
    verdict = homes.verdict(damage.planted, tmp_path / "home")
    found = verdict.stopping if damage.level == "stops" else verdict.warning
    assert damage.figure in found, verdict.lines


@pytest.mark.parametrize("planted", [_marked(each) for each in VARIATIONS])
def test_a_clean_variation_stops_nothing(planted: Planted, homes: HealthyHomes, tmp_path: Path) -> None:
    verdict = homes.verdict(planted, tmp_path / "home")
    assert [each.line for each in verdict.figures if not each.is_credible] == []


def test_at_least_forty_damages_and_twenty_five_variations_are_planted() -> None:
    assert len({damage.planted.name for damage in DAMAGES}) >= 40
    assert len({planted.name for planted in VARIATIONS}) >= 25
