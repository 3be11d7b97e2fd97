"""How many examples a property is tried with: few every time, many every night."""

import os

IS_NIGHT = os.environ.get("CDP_TEST_NIGHT") == "1"  # set by `make test-long`
TIMES = 10
"""By how much more a night is."""


def examples(count: int) -> int:
    """Return how many examples to try of a property that is tried with so many every time."""
    return count * TIMES if IS_NIGHT else count
