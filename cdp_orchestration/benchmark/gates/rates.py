"""How many planted damages the gates find, and how many clean variations they stop, with names."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console, Group, RenderableType

from cdp_orchestration.benchmark.planted.damages import DAMAGES
from cdp_orchestration.benchmark.planted.homes import HealthyHomes
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
    make_healthy_home,
    sync_by_command,
    sync_with,
)
from cdp_orchestration.benchmark.planted.variations import VARIATIONS
from cdp_orchestration.terminal.tables import table

Line = tuple[str, str, bool]
"""What was planted, the gate that should find it or that stopped it, and whether the outcome is right."""


def measure_rates(customers: int, console: Console) -> RenderableType:
    """Plant every damage and every variation, those of releases and of whole syncs last.

    Args:
        customers: how many customers the healthy homes have.
        console: where progress is shown.

    Returns:
        Both rates, the gates that found the damages, and the names of what was missed or stopped.
    """
    with tempfile.TemporaryDirectory(prefix="cdp-bench-planted-") as folder:
        console.print("Planting damages and clean variations …")
        homes = HealthyHomes(Path(folder), customers)
        damages, clean = list(_damages(homes, Path(folder))), list(_variations(homes, Path(folder)))
    with tempfile.TemporaryDirectory(prefix="cdp-bench-syncs-") as folder:
        console.print("Syncing some of them through the whole line, and cutting releases …")
        healthy = Path(folder) / "healthy"
        make_healthy_home(healthy, sync_by_command)
        damages += _releases(healthy, DAMAGED_RELEASES)
        clean += _releases(healthy, CLEAN_RELEASES)
        damages += _damaged_syncs(healthy)
        clean += _clean_syncs(healthy)
    return _shown(damages, clean)


def _damages(homes: HealthyHomes, folder: Path) -> Iterator[Line]:
    for damage in DAMAGES:
        home = folder / "home"
        verdict = homes.verdict(damage.planted, home)
        shutil.rmtree(home)
        gate = f"landing.{damage.planted.stream.replace('/', '_')}, {damage.level}"
        yield f"{damage.planted.name} ({damage.planted.stream})", gate, damage.is_found(verdict)


def _variations(homes: HealthyHomes, folder: Path) -> Iterator[Line]:
    for planted in VARIATIONS:
        home = folder / "home"
        verdict = homes.verdict(planted, home)
        shutil.rmtree(home)
        yield f"{planted.name} ({planted.stream})", ", ".join(sorted(verdict.stopping)), not verdict.stopping


def _damaged_syncs(healthy: Path) -> Iterator[Line]:
    for planted in DAMAGED_SYNCS:
        home = healthy.with_name("home")
        verdict = sync_with(planted, healthy, home, sync_by_command)
        shutil.rmtree(home)
        is_found = verdict.returncode != 0 and planted.gate in verdict.gates
        yield f"sync: {planted.name} ({planted.stream})", f"{planted.gate}, stops", is_found


def _clean_syncs(healthy: Path) -> Iterator[Line]:
    for planted in CLEAN_SYNCS:
        home = healthy.with_name("home")
        verdict = sync_with(planted, healthy, home, sync_by_command)
        shutil.rmtree(home)
        yield f"sync: {planted.name} ({planted.stream})", ", ".join(verdict.gates), verdict.returncode == 0


def _releases(healthy: Path, every: Sequence[PlantedRelease]) -> Iterator[Line]:
    for planted in every:
        home = healthy.with_name("home")
        findings = stopping_findings(planted, healthy, home)
        shutil.rmtree(home)
        gate = "release, stops" if planted.finding else ", ".join(findings)
        yield f"release: {planted.name}", gate, is_found(planted, findings)


def _shown(damages: list[Line], clean: list[Line]) -> RenderableType:
    found = Counter(gate for _, gate, is_right in damages if is_right)
    wrong = [(name, f"missed: {gate}") for name, gate, is_right in damages if not is_right]
    wrong += [(name, f"stopped: {gate}") for name, gate, is_right in clean if not is_right]
    rates = [
        ("damages found", f"{sum(found.values())} of {len(damages)}"),
        ("clean variations stopped", f"{sum(not is_right for *_, is_right in clean)} of {len(clean)}"),
    ]
    return Group(
        table("Planted", ("what", "how many"), rates),
        table("Damages found", ("gate", "how many"), [(gate, str(count)) for gate, count in sorted(found.items())]),
        table("Missed or stopped", ("what", "how"), wrong or [("nothing", "")]),
    )
