"""Compare what has landed since the last acceptance, and the tables that were built from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from cdp_orchestration.figures.bounds import Compared, compared
from cdp_orchestration.figures.figure import Figure
from cdp_orchestration.figures.hand_limits import Limit, limited
from cdp_orchestration.figures.measured import measured
from cdp_orchestration.figures.samples import samples_of
from cdp_orchestration.figures.stage_figures import table_figures
from cdp_orchestration.figures.store import (
    History,
    accept_batches,
    accepted_batches,
    forget_waiting,
    read_history,
    store_figures,
)
from cdp_orchestration.landing.ledger import LedgerEntry, read_ledger
from cdp_orchestration.sources import Stream


@dataclass(frozen=True)
class Comparison:
    """What was compared: a landed stream's new deliveries, or a table; without figures nothing was new."""

    subject: str
    figures: Sequence[Compared] = ()

    @property
    def is_credible(self) -> bool:
        """Whether nothing is so far off that the release must wait for a person."""
        return all(each.is_credible for each in self.figures)


def compare_deliveries(
    connection: duckdb.DuckDBPyConnection,
    stream: Stream,
    run_id: str,
    *,
    released_at: datetime | None,
    limits: Sequence[Limit] = (),
) -> Comparison:
    """Measure the batches of a stream that were not accepted before, and store the figures.

    What is credible is accepted at once: the next delivery is compared with it too.

    Args:
        connection: the warehouse, to write.
        stream: the stream.
        run_id: the run that asks.
        released_at: when the live release was made, in UTC; what a home that never compared had landed before is
            accepted.
        limits: those that people set.

    Returns:
        The comparison.
    """
    subject = f"landing.{stream.table}"
    landed = [entry for entry in read_ledger(connection, stream) if entry.is_landed]
    accepted = accepted_batches(connection)
    if accepted is None:
        accepted = {entry.batch_id for entry in landed if released_at and entry.loaded_at <= released_at}
    before = [entry for entry in landed if entry.batch_id in accepted]
    contents = {(entry.source_file, entry.sha256) for entry in before}
    # A file that landed again by a mended mapping was delivered once: its rows differ by the will of people.
    new = [entry for entry in landed if entry.batch_id not in accepted]
    delivered = [entry for entry in new if (entry.source_file, entry.sha256) not in contents]
    figures = _delivery_figures(connection, stream, delivered, before)
    comparison = _comparison(subject, figures, read_history(connection, subject), limits)
    if delivered:
        store_figures(connection, subject, run_id, comparison.figures, accepted=comparison.is_credible)
    else:  # what waited was taken back
        forget_waiting(connection, subject)
    if comparison.is_credible:
        accept_batches(
            connection, accepted.intersection(e.batch_id for e in landed) | {e.batch_id for e in new}, run_id
        )
    return comparison


def compare_table(
    connection: duckdb.DuckDBPyConnection, subject: str, run_id: str, limits: Sequence[Limit] = ()
) -> Comparison:
    """Measure a table of a stage against the last accepted figures of it, and store the figures.

    Args:
        connection: the warehouse, to write.
        subject: the table with its schema.
        run_id: the run that asks.
        limits: those that people set.

    Returns:
        The comparison; without figures for a table that is not measured.
    """
    history = read_history(connection, subject)
    figures = table_figures(connection, subject, history)
    comparison = _comparison(subject, figures, history, limits)
    if figures:
        store_figures(connection, subject, run_id, comparison.figures, accepted=comparison.is_credible)
    return comparison


def _comparison(subject: str, figures: Sequence[Figure], history: History, limits: Sequence[Limit]) -> Comparison:
    now = datetime.now(UTC).replace(tzinfo=None)
    found = (compared(each, history.get((each.name, each.of), ()), now) for each in figures)
    return Comparison(subject, [limited(subject, each, limits) for each in found])


def _delivery_figures(
    connection: duckdb.DuckDBPyConnection,
    stream: Stream,
    delivered: Sequence[LedgerEntry],
    before: Sequence[LedgerEntry],
) -> list[Figure]:
    rows = sum(entry.row_count for entry in delivered)
    if not rows:
        return []
    with samples_of(connection, stream, delivered, before) as samples:
        figures = measured(connection, samples)
    corrected = sum(each["row_count"] for entry in delivered for each in entry.corrected_times)
    return [
        *figures,
        Figure("rows", "delivery", rows, rows, spread=1.0),  # counted events vary by the root of their number
        Figure("corrected", "times", min(1.0, corrected / rows), rows, 0.02, rows, 0, is_decisive=True),
    ]
