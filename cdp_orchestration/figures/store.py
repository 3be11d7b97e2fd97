"""``operations.figures`` and ``operations.accepted_batches``: what deliveries and releases were like, and what counts.

``operations.figures`` has one row per run, subject (a landed stream or a stage's table), figure and what it is of.
A row counts as history once it is accepted: nothing critical was found, or a person accepted it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from cdp_orchestration.figures.bounds import Accepted, Compared
from cdp_orchestration.home.warehouse import has_table

KEPT_RUNS = 400
"""Of each subject: more than a year of daily deliveries."""

_FIGURES = {
    "run_id": "varchar",
    "measured_at": "timestamp",
    "subject": "varchar",
    "figure": "varchar",
    "of": "varchar",
    "value": "double",
    "row_count": "bigint",
    "usual": "double",
    "low": "double",
    "high": "double",
    "is_usual": "boolean",
    "is_credible": "boolean",
    "difference": "double",
    "is_accepted": "boolean",
}
_FORGET_OLD = """
delete from operations.figures where subject = ? and run_id not in (
    select run_id from operations.figures where subject = ? group by run_id order by max(measured_at) desc limit ?
)
"""
History = Mapping[tuple[str, str], Sequence[Accepted]]


def read_history(connection: duckdb.DuckDBPyConnection, subject: str) -> History:
    """Return of each accepted figure of a subject its values, oldest first, by name and of what."""
    if not has_table(connection, "operations", "figures"):
        return {}
    rows = connection.execute(
        "select figure, of, measured_at, value, difference from operations.figures where subject = ? and is_accepted "
        "order by measured_at",
        [subject],
    ).fetchall()
    found: dict[tuple[str, str], list[Accepted]] = {}
    for figure, of, *accepted in rows:
        found.setdefault((figure, of), []).append(Accepted(*accepted))
    return found


def store_figures(
    connection: duckdb.DuckDBPyConnection, subject: str, run_id: str, comparisons: Iterable[Compared], *, accepted: bool
) -> None:
    """Store what a run measured of a subject, in place of what the same run stored before."""
    now = datetime.now(UTC).replace(tzinfo=None)
    columns = ", ".join(f"{name} {kind}" for name, kind in _FIGURES.items())
    connection.execute("create schema if not exists operations")
    connection.execute(f"create table if not exists operations.figures ({columns})")
    connection.execute("delete from operations.figures where subject = ? and run_id = ?", [subject, run_id])
    rows = [
        (
            run_id, now, subject, each.figure.name, each.figure.of, each.figure.value, each.figure.rows, each.usual,
            each.low, each.high, each.is_usual, each.is_credible, each.difference, accepted,
        )
        for each in comparisons
    ]  # fmt: skip
    connection.execute(_FORGET_OLD, [subject, subject, KEPT_RUNS])
    if rows:
        table = pa.table(dict(zip(_FIGURES, zip(*rows, strict=True), strict=True)))
        connection.register("new_figures", table)
        connection.execute("insert into operations.figures by name select * from new_figures")
        connection.unregister("new_figures")


def forget_waiting(connection: duckdb.DuckDBPyConnection, subject: str) -> None:
    """Forget the figures of a subject that no one has accepted."""
    if has_table(connection, "operations", "figures"):
        connection.execute("delete from operations.figures where subject = ? and not is_accepted", [subject])


def accepted_batches(connection: duckdb.DuckDBPyConnection) -> set[str] | None:
    """Return the ids of the accepted batches; None for a home in which none was ever compared."""
    if not has_table(connection, "operations", "accepted_batches"):
        return None
    return {row[0] for row in connection.execute("select batch_id from operations.accepted_batches").fetchall()}


def accept_batches(connection: duckdb.DuckDBPyConnection, batch_ids: Iterable[str], run_id: str) -> None:
    """Record that batches count as history."""
    connection.execute(
        "create table if not exists operations.accepted_batches "
        "(batch_id varchar, run_id varchar, accepted_at timestamp)"
    )
    now = datetime.now(UTC).replace(tzinfo=None)
    ids = pa.array(sorted(set(batch_ids)), pa.string())
    connection.register("new_accepted", pa.table({"batch_id": ids}))
    connection.execute(
        "insert into operations.accepted_batches select batch_id, ?, ? from new_accepted "
        "where batch_id not in (select batch_id from operations.accepted_batches)",
        [run_id, now],
    )
    connection.unregister("new_accepted")
