"""``operations.figures``: what deliveries and the tables of stages were like, which counts, and which waits.

It has one row per run, subject (a landed stream or a stage's table), delivery, figure and what it is of; ``release_id``
is the first release that readers saw it in. A row counts as history once it is accepted: nothing critical was found, or
a person accepted it. ``operations.accepted_batches`` and ``waiting_batches`` say the same of what landed.
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
    "delivered_at": "timestamp",
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
    "release_id": "varchar",
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
    connection: duckdb.DuckDBPyConnection,
    subject: str,
    run_id: str,
    comparisons: Iterable[Compared],
    *,
    accepted: bool,
    delivered_at: datetime | None = None,
) -> None:
    """Store what a run measured of a delivery or a table, in place of what the same run stored of it before.

    Args:
        connection: the warehouse, to write.
        subject: the landed stream, or the table, with its schema.
        run_id: the run.
        comparisons: the figures with their limits.
        accepted: whether they count as history.
        delivered_at: when the delivery had landed, in UTC; None for a table.
    """
    now = datetime.now(UTC).replace(tzinfo=None)
    _create_figures(connection)
    connection.execute(
        "delete from operations.figures where subject = ? and run_id = ? and delivered_at is not distinct from ?",
        [subject, run_id, delivered_at],
    )
    rows = [
        (
            run_id, now, delivered_at, subject, each.figure.name, each.figure.of, each.figure.value, each.figure.rows,
            each.usual, each.low, each.high, each.is_usual, each.is_credible, each.difference, accepted, None,
        )
        for each in comparisons
    ]  # fmt: skip
    connection.execute(_FORGET_OLD, [subject, subject, KEPT_RUNS])
    if rows:
        table = pa.table(dict(zip(_FIGURES, zip(*rows, strict=True), strict=True)))
        connection.register("new_figures", table)
        connection.execute("insert into operations.figures by name select * from new_figures")
        connection.unregister("new_figures")


def keep_with_release(connection: duckdb.DuckDBPyConnection, release_id: str) -> None:
    """Record that the accepted figures which no release had have led to this one."""
    _create_figures(connection)
    connection.execute(
        "update operations.figures set release_id = ? where is_accepted and release_id is null", [release_id]
    )


def _create_figures(connection: duckdb.DuckDBPyConnection) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in _FIGURES.items())
    connection.execute("create schema if not exists operations")
    connection.execute(f"create table if not exists operations.figures ({columns})")
    # Those of an earlier version of the platform lack the newer columns.
    for name in ("delivered_at", "release_id"):
        connection.execute(f"alter table operations.figures add column if not exists {name} {_FIGURES[name]}")


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


def waiting_batches(connection: duckdb.DuckDBPyConnection, subject: str) -> Mapping[str, str]:
    """Return the batches of a stream that wait for a person, each with the run that it was new to."""
    if not has_table(connection, "operations", "waiting_batches"):
        return {}
    found = "select batch_id, run_id from operations.waiting_batches where subject = ?"
    return dict(connection.execute(found, [subject]).fetchall())


def let_wait(connection: duckdb.DuckDBPyConnection, subject: str, waiting: Mapping[str, str]) -> None:
    """Record which batches of a stream wait for a person, in place of those that did.

    Args:
        connection: the warehouse, to write.
        subject: the landed stream with its schema.
        waiting: the run that each was new to, by the id of the batch.
    """
    connection.execute(
        "create table if not exists operations.waiting_batches (subject varchar, batch_id varchar, run_id varchar)"
    )
    connection.execute("delete from operations.waiting_batches where subject = ?", [subject])
    if waiting:
        rows = [[subject, batch_id, run_id] for batch_id, run_id in waiting.items()]
        connection.executemany("insert into operations.waiting_batches values (?, ?, ?)", rows)
