"""What is planted goes through a whole sync: the gate that is named stops it, and what is clean is released."""

from pathlib import Path

import pytest

from cdp_orchestration.benchmark.planted.releases import (
    CLEAN_RELEASES,
    DAMAGED_RELEASES,
    PlantedRelease,
    is_found,
    stopping_findings,
)
from cdp_orchestration.benchmark.planted.syncs import (
    CLEAN_SYNCS,
    DAMAGED_SYNCS,
    PlantedSync,
    make_healthy_home,
    sync_by_command,
    sync_with,
)

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home in which three healthy deliveries are live."""
    home = tmp_path_factory.mktemp("healthy") / "home"
    make_healthy_home(home, sync_by_command)
    return home


@pytest.mark.parametrize("planted", DAMAGED_SYNCS, ids=lambda planted: planted.name)
def test_a_damage_stops_the_release_at_the_gate_that_should_find_it(
    planted: PlantedSync, healthy: Path, tmp_path: Path
) -> None:
    verdict = sync_with(planted, healthy, tmp_path / "home", sync_by_command)
    assert verdict.returncode == 1, verdict.said
    assert planted.gate in verdict.gates, verdict.said


@pytest.mark.parametrize("planted", CLEAN_SYNCS, ids=lambda planted: planted.name)
def test_a_clean_variation_is_released(planted: PlantedSync, healthy: Path, tmp_path: Path) -> None:
    verdict = sync_with(planted, healthy, tmp_path / "home", sync_by_command)
    assert verdict.returncode == 0, verdict.said


@pytest.mark.parametrize("planted", [*DAMAGED_RELEASES, *CLEAN_RELEASES], ids=lambda planted: planted.name)
def test_what_became_of_a_built_table_is_seen_before_readers_do(
    planted: PlantedRelease, healthy: Path, tmp_path: Path
) -> None:
    findings = stopping_findings(planted, healthy, tmp_path / "home")
    assert is_found(planted, findings), findings
