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


def linker_on(
    work: duckdb.DuckDBPyConnection, table: str, prior: float, parameters: Parameters, *, with_weights: bool = False
) -> "Linker":
    """A Splink linker on one table of units; with_weights: its predictions tell the weight of each comparison."""
    from splink import DuckDBAPI, Linker

    data = DuckDBAPI(connection=work).register(table)
    # the settings are this package's own; validating them parses every condition again, half a second a linker
    made = settings(prior, parameters)
    made.retain_intermediate_calculation_columns = with_weights
    return Linker(data, made, log_level=logging.CRITICAL, validate_settings=False)
