"""The time of a piece of work, for the benchmarks."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True)
class Took:
    """Seconds on the clock, and of all processors together, which depend less on what else the machine does."""

    seconds: float
    cpu_seconds: float

    def __str__(self) -> str:
        """Return both, as a benchmark shows them."""
        return f"{self.seconds:.1f} (CPU {self.cpu_seconds:.1f})"

    def relative_to(self, other: "Took") -> str:
        """Return this divided by the other, on the clock and by CPU."""
        return f"{self.seconds / other.seconds:.3g} (CPU {self.cpu_seconds / other.cpu_seconds:.3g})"


def timed(work: Callable[[], Result]) -> tuple[Result, Took]:
    """Do a piece of work in this process and return its result with its time."""
    started, cpu_started = time.perf_counter(), time.process_time()
    result = work()
    return result, Took(time.perf_counter() - started, time.process_time() - cpu_started)
