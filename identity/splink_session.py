"""One quiet way into Splink: no log lines, no warnings, no work tables outside the given connection."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from identity.model import Parameters, settings

if TYPE_CHECKING:
    from splink import Linker


@contextmanager
def quiet_splink() -> Iterator[None]:
    """Silence Splink and its parser while the block runs; the caller's logging is as before afterwards."""
    logger = logging.getLogger("splink")
    level = logger.level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logger.setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            logger.setLevel(level)


def linker_on(work: duckdb.DuckDBPyConnection, table: str, prior: float, parameters: Parameters) -> "Linker":
    """A Splink linker on one table of units."""
    from splink import Linker

    from identity.splink_database import ViewingDuckDBAPI

    data = ViewingDuckDBAPI(connection=work).register(table)
    # the settings are this package's own; validating them parses every condition again, half a second a linker
    return Linker(data, settings(prior, parameters), log_level=logging.CRITICAL, validate_settings=False)
