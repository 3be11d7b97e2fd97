"""Times of a release carry their zone, which is always UTC; those of the warehouse are UTC and do not say so.

A contract declares the type that a model builds, ``timestamp``. What readers are promised, and what a release writes
and gives back to the warehouse, follows from it here and nowhere else. No step depends on the time zone of a session:
both types count microseconds since 1970 in UTC, and the counts are what is carried over.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from cdp_orchestration.home.sql_text import text_literal

_IN_WAREHOUSE, _IN_RELEASE = "timestamp", "timestamp with time zone"


def published_type(declared: str) -> str:
    """Return the type that a column has in a release, of the type that its model's contract declares."""
    return _IN_RELEASE if declared == _IN_WAREHOUSE else declared


def published_columns(columns: Iterable[Mapping[str, str]]) -> str:
    """Return the columns of a release as SQL to select from the warehouse.

    Args:
        columns: the columns with ``name`` and ``type``, as the release has them.

    Returns:
        What follows ``select``.
    """
    return ", ".join(
        f'make_timestamptz(epoch_us("{each["name"]}")) as "{each["name"]}"'
        if each.get("type") == _IN_RELEASE
        else f'"{each["name"]}"'
        for each in columns
    )


def warehouse_rows(file: Path, columns: Iterable[Mapping[str, str]]) -> str:
    """Return a query for the rows of a release's file with the types of the warehouse.

    Args:
        file: the Parquet file.
        columns: its columns in the manifest; releases of earlier versions have times without a zone, which stay so.

    Returns:
        The query.
    """
    names = [each["name"] for each in columns if each.get("type") == _IN_RELEASE]
    times = ", ".join(f'make_timestamp(epoch_us("{name}")) as "{name}"' for name in names)
    return f"select *{f' replace ({times})' if times else ''} from read_parquet({text_literal(file)})"
