"""Faults, counted: what strikes a home, how often it was tried and how often survived (``make bench-faults``)."""

import math
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cdp_orchestration.benchmark.faults.clocks import set_clocks_wrong
from cdp_orchestration.benchmark.faults.disks import strike_disk
from cdp_orchestration.benchmark.faults.files import damage_files
from cdp_orchestration.benchmark.faults.homes import FaultHomes, Tally
from cdp_orchestration.benchmark.faults.kills import STAGES, every_boundary, kill_at_boundaries, kill_in_stages
from cdp_orchestration.benchmark.faults.operations import OPERATIONS, kill_operation
from cdp_orchestration.benchmark.faults.processes import import_everything
from cdp_orchestration.benchmark.faults.readers import read_through_changes
from cdp_orchestration.benchmark.faults.rivals import strike_with_rivals
from cdp_orchestration.terminal.tables import table

_HEADINGS = ("fault", "tried", "survived", "remark")

Faults = Callable[[FaultHomes, int, random.Random], Sequence[Tally]]


def _kills_of(operation: str) -> Faults:
    return lambda homes, kills, chosen: [
        kill_operation(homes, operation, _share(kills, 3 / 4, len(OPERATIONS)), chosen)
    ]


KINDS: dict[str, Faults] = {
    **{name: _kills_of(name) for name in OPERATIONS},
    "stages": lambda homes, kills, chosen: kill_in_stages(homes, _share(kills, 1 / 4, len(STAGES)), chosen),
    "boundaries": lambda homes, _kills, _chosen: [kill_at_boundaries(homes, every_boundary())],
    "files": lambda homes, _kills, chosen: [damage_files(homes, chosen)],
    "full-disk": lambda homes, _kills, _chosen: [strike_disk(homes, "full")],
    "read-only": lambda homes, _kills, _chosen: [strike_disk(homes, "read-only")],
    "clocks": lambda homes, _kills, _chosen: [set_clocks_wrong(homes)],
    "rivals": lambda homes, _kills, _chosen: [strike_with_rivals(homes)],
    "readers": lambda homes, _kills, _chosen: [read_through_changes(homes)],
}
"""The kinds of faults, by the word of ``--only``, in the order in which they are tried."""


def main(
    kills: Annotated[int, typer.Option(help="How many kills in all.", min=8)] = 200,
    customers: Annotated[int, typer.Option(help="Customers of the homes.", min=20)] = 150,
    seed: Annotated[int, typer.Option(help="Of the customers, and of the moments.")] = 1,
    kept: Annotated[
        Path | None, typer.Option(exists=True, help="An empty folder, in which the homes are made and used again.")
    ] = None,
    only: Annotated[list[str] | None, typer.Option(help=f"One of {', '.join(KINDS)}; repeat it.")] = None,
) -> None:
    """Strike small homes with faults, and compare what they publish afterwards with an undisturbed home.

    Ends with 1 if one was not survived.

    Args:
        kills: those at random moments are shared out over stages and operations.
        customers: how large the homes are.
        seed: another one gives other customers and other moments.
        kept: where the homes are; without it they are removed at the end.
        only: the kinds that are tried; all without one.

    Raises:
        BadParameter: there is no such kind.
        Exit: a fault was not survived.
    """
    for each in only or ():
        if each not in KINDS:
            raise typer.BadParameter(f"{each!r} is none of {', '.join(KINDS)}", param_hint="--only")
    console, began = Console(), time.monotonic()
    import_everything()
    tallies: list[Tally] = []
    with tempfile.TemporaryDirectory(prefix="cdp-bench-faults-") as folder:
        homes = FaultHomes(kept or Path(folder), customers, seed)
        console.print(f"Homes of {customers} customers, seed {seed}: {time.monotonic() - began:.0f} s")
        for kind in only or KINDS:
            for tally in KINDS[kind](homes, kills, random.Random(seed)):  # noqa: S311 - no secret
                tallies.append(tally)
                console.print(f"{tally.kind}: {tally.survived} of {tally.tried}", markup=False)
                for problem in tally.problems:
                    console.print(f"not survived: {tally.kind}: {problem}", markup=False, soft_wrap=True)
    console.print(table("Faults", _HEADINGS, [*map(_line, tallies), _total(tallies)]))
    console.print(f"All in {time.monotonic() - began:.0f} s")
    if any(tally.problems for tally in tallies):
        raise typer.Exit(1)


def _share(kills: int, part: float, places: int) -> int:
    """Return how many of the kills at random moments each place has; operations cost a tenth of a stage."""
    return math.ceil((kills - len(every_boundary())) * part / places)


def _line(tally: Tally) -> tuple[str, ...]:
    return (tally.kind, f"{tally.tried}", f"{tally.survived}", tally.remark)


def _total(tallies: Sequence[Tally]) -> tuple[str, ...]:
    kills = sum(tally.tried for tally in tallies if tally.kind.startswith("SIGKILL"))
    tried, survived = sum(tally.tried for tally in tallies), sum(tally.survived for tally in tallies)
    return ("all", f"{tried}", f"{survived}", f"{kills} kills")


if __name__ == "__main__":
    typer.run(main)
