"""SIGKILL, again and again, on the way of one delivery to a release: at stage boundaries and at random moments.

A chain kills the same work on the same home until it may end; after each kill the live release, the lock and the next
command are looked at, and at the end of the chain the home is compared with the undisturbed one.
"""

import os
import random
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

from cdp_orchestration.benchmark.faults.homes import FaultHomes, Tally
from cdp_orchestration.benchmark.faults.processes import Ended, Started, Work, command, run, say_begun
from cdp_orchestration.dagster.one_stage import run_stage
from cdp_orchestration.dagster.progress import OnProgress, StageEnded, StepStarted, stage_of
from cdp_orchestration.home.settings import Settings

STAGES = ("landing", "staging", "identity", "profiles", "journeys", "release")
_TRIES_PER_KILL = 3  # a moment may come after the end of the work
_LONGEST_START = 300.0


def kill_at_boundaries(homes: FaultHomes, boundaries: list[tuple[str, str]]) -> Tally:
    """Kill one sync after another as a stage starts or has ended, each time at a later boundary.

    Args:
        homes: the homes.
        boundaries: stage and "start" or "end", in the order of the sync.

    Returns:
        The count.
    """
    tally = Tally("SIGKILL of cdp sync at a stage boundary")
    home = homes.waiting("boundaries")
    for stage, side in boundaries:
        ended = run(command("sync", on_progress=_dies_at(stage, side)), home)
        if ended.is_killed:
            tally.note(f"at the {side} of {stage}", homes.problems(home))
        else:
            tally.remark = f"no kill at the {side} of {stage}: {ended.last_line}"
    tally.add("after the chain", homes.after_sync(home))
    homes.drop(home)
    return tally


def every_boundary() -> list[tuple[str, str]]:
    """Return the start of the first stage, and the end of every one, where the next one starts."""
    return [(STAGES[0], "start"), *((stage, "end") for stage in STAGES)]


def kill_in_stages(homes: FaultHomes, kills: int, chosen: random.Random) -> list[Tally]:
    """Kill the runs of each stage alone at random moments, and let the last one end before the next stage.

    Args:
        homes: the homes.
        kills: how many in each stage.
        chosen: chooses the moments.

    Returns:
        The count of each stage; what differs after the whole chain stands with the last.
    """
    home = homes.waiting("stages")
    tallies = []
    for stage in STAGES:
        tally = Tally(f"SIGKILL in {stage} at a random moment")
        seconds = homes.stage_seconds.get(stage, 10.0)
        work = partial(run_stage_of_this_home, stage)
        kill_again_and_again(homes, home, tally, work, kills, seconds, chosen, says_begun=True)
        ended = run(work, home)
        if ended.code != 0:
            tally.add("the run after the kills failed", [ended.last_line])
        tallies.append(tally)
    tallies[-1].add("after the chain of all stages", homes.after_sync(home))
    homes.drop(home)
    return tallies


def kill_again_and_again(
    homes: FaultHomes,
    home: Path,
    tally: Tally,
    work: Work,
    kills: int,
    seconds: float,
    chosen: random.Random,
    *,
    says_begun: bool = False,
    is_damaged: bool = False,
    before: Callable[[int], object] = lambda number: number,
) -> None:
    """Kill a piece of work at random moments, alternately with all that it started and alone.

    Args:
        homes: the homes.
        home: the one that it works on.
        tally: counts the kills.
        work: the work.
        kills: how many.
        seconds: how long it takes.
        chosen: chooses the moments.
        says_begun: whether the work says when the moments begin.
        is_damaged: whether the home is damaged on purpose.
        before: called before each try with its number.
    """
    longest = seconds
    for number in range(kills * _TRIES_PER_KILL):
        if tally.tried >= kills:
            return
        before(number)
        after = chosen.uniform(0, longest)
        ended = _killed(work, home, after, says_begun=says_begun, with_group=number % 2 == 0)
        if ended.is_killed:
            tally.note(f"kill {tally.tried + 1}, after {after:.2f} s", homes.problems(home, is_damaged=is_damaged))
        elif ended.code != 0:
            tally.note(f"try {number + 1}", [f"it ended with {ended.code}: {ended.last_line}"])
        else:
            longest = min(longest, after)  # the work is faster than it was


def _killed(work: Work, home: Path, after: float, *, says_begun: bool, with_group: bool) -> Ended:
    started = Started(work, home)
    if says_begun:
        started.wait(_LONGEST_START, until=started.has_begun)
    started.wait(after)
    started.kill(with_group=with_group)
    return started.ended()


def run_stage_of_this_home(stage: str) -> None:
    """Materialize a stage of the home of this process; say when the first step starts."""
    begun: list[StepStarted | StageEnded] = []

    def on_progress(progress: StepStarted | StageEnded) -> None:
        if not begun:
            say_begun()
        begun.append(progress)

    run_stage(Settings.from_environment(), stage, on_progress)


def _dies_at(stage: str, side: str) -> OnProgress:
    def on_progress(progress: StepStarted | StageEnded) -> None:
        is_start = isinstance(progress, StepStarted) and side == "start" and stage_of(progress.step) == stage
        is_end = isinstance(progress, StageEnded) and side == "end" and progress.stage == stage
        if is_start or is_end:
            os.killpg(0, signal.SIGKILL)

    return on_progress
