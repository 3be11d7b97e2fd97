"""Work in a process of its own, for the benchmarks: its time without the start, and the most memory that it had."""

import multiprocessing
import re
import resource
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdp_orchestration.benchmark.stopwatch import Took, timed

_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


@dataclass(frozen=True)
class Measured:
    """What a piece of work returned, its time, and the peak of its process in MiB."""

    result: Any
    took: Took
    peak_mib: float


def measured(work: Callable[..., Any], *arguments: object) -> Measured:
    """Do a piece of work in a fresh process; function and arguments must be such that they can be sent there."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_measure, work, arguments).result()


def _measure(work: Callable[..., Any], arguments: tuple[object, ...]) -> Measured:
    result, took = timed(lambda: work(*arguments))
    return Measured(result, took, _peak_mib())


def _peak_mib() -> float:
    status = Path("/proc/self/status")
    found = _PEAK.search(status.read_text(encoding="utf-8")) if status.exists() else None
    if found:  # unlike the peak below it does not begin with that of the process that started this one
        return int(found[1]) / 1024
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
