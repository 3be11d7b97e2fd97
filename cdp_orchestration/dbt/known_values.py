"""The values that columns of words can have, as dbt's models and tests name their lists."""

from collections.abc import Sequence

from cdp_orchestration.sources import Stream
from expectations.known_values import KNOWN_VALUES


def known_values(streams: Sequence[Stream]) -> dict[str, tuple[str, ...]]:
    """Return every list by its name: those that are declared, and the sources of these streams."""
    return {**KNOWN_VALUES, "source_systems": tuple(dict.fromkeys(stream.source for stream in streams))}
