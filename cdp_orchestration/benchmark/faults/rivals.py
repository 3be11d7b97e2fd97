"""Several who write one home at once: two syncs, a sync beside a stage that somebody materializes, a killed first."""

from collections.abc import Sequence
from functools import partial

from cdp_orchestration.benchmark.faults.homes import FaultHomes, Tally
from cdp_orchestration.benchmark.faults.kills import run_stage_of_this_home
from cdp_orchestration.benchmark.faults.processes import Ended, Started, Work, command


def strike_with_rivals(homes: FaultHomes) -> Tally:
    """Let two write one home at once: neither fails, and what is published is as if one had written alone.

    Args:
        homes: the homes.

    Returns:
        The count.
    """
    tally = Tally("two who write one home at once")
    sync = command("sync")
    by_hand = partial(run_stage_of_this_home, "staging")
    _let(homes, tally, "a sync beside a stage by hand", [by_hand, sync])
    _let(homes, tally, "two syncs, the first killed as the second waits", [sync, sync], kill_first_after=15.0)
    return tally


def _let(
    homes: FaultHomes, tally: Tally, what: str, works: Sequence[Work], kill_first_after: float | None = None
) -> None:
    home = homes.waiting("rivals")
    first, second = (Started(work, home) for work in works)
    if kill_first_after is not None:
        first.wait(kill_first_after)
        first.kill(with_group=True)
    ended = [first.ended(), second.ended()]
    failed = [_failure(each) for each in ended[kill_first_after is not None :] if each.code != 0]
    tally.note(what, [*failed, *homes.after_sync(home)])
    homes.drop(home)


def _failure(ended: Ended) -> str:
    return f"one ended with {ended.code}: {ended.last_line}"
