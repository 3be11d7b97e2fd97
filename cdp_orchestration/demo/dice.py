"""Seeded randomness: the one place where chance enters the demo."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice(Random):
    """The standard library's generator with the three draws that the demo needs, each well below a microsecond."""

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return self.random() < probability

    def pick(self, options: Sequence[T]) -> T:
        """Return one option, all equally likely."""
        return options[int(self.random() * len(options))]

    def between(self, low: int, high: int) -> int:
        """Return a whole number, both ends included."""
        return low + int(self.random() * (high - low + 1))


def weighted(weights: Mapping[T, int]) -> tuple[T, ...]:
    """Repeat every option as often as it weighs, so that ``Dice.pick`` draws by weight."""
    return tuple(option for option, weight in weights.items() for _ in range(weight))


def by_rank(options: Sequence[T], ratio: int = 12) -> tuple[T, ...]:
    """Weight options by their rank, the first about ``ratio`` times as likely as the last (as names are)."""
    return tuple(option for rank, option in enumerate(options) for _ in range(1 + ratio * 3 // (rank + 3)))
