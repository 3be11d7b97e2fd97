"""Compare what has landed since the last acceptance, and the tables that were built from it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import duckdb

from cdp_orchestration.figures.bounds import Compared, compared
from cdp_orchestration.figures.figure import Figure
from cdp_orchestration.figures.hand_limits import Limit, limited
from cdp_orchestration.figures.measured import measured
from cdp_orchestration.figures.release_figures import SUBJECT as RELEASE
from cdp_orchestration.figures.release_figures import ReleasedTable, release_figures
from cdp_orchestration.figures.samples import samples_of
from cdp_orchestration.figures.stage_figures import table_figures
from cdp_orchestration.figures.store import (
    History,
    accept_batches,
    accepted_batches,
    forget_waiting,
    let_wait,
    read_history,
    store_figures,
    waiting_batches,
)
from cdp_orchestration.landing.storage.ledger import Content, LedgerEntry, read_ledger
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
    accepted_files: Collection[Content] = (),
    limits: Sequence[Limit] = (),
) -> Comparison:
    """Measure the batches of a stream that were not accepted before, and store the figures.

    What is new to a run is one delivery. Each is compared by itself, so that a large healthy one does not dilute a
    damaged one that waits. What is credible is accepted at once: the next delivery is compared with it too.

    Args:
        connection: the warehouse, to write.
        stream: the stream.
        run_id: the run that asks.
        released_at: when the live release was made, in UTC; what a home that never compared had landed before is
            accepted.
        accepted_files: the files that a person accepted, whatever they are like.
        limits: those that people set.

    Returns:
        The comparison.
    """
    subject = f"landing.{stream.table}"
    landed = [entry for entry in read_ledger(connection, stream) if entry.is_landed]
    before, new = _split(landed, _accepted(connection, landed, released_at), accepted_files)
    deliveries = _deliveries(new, waiting_batches(connection, subject), run_id)

    def compare(delivery: Sequence[LedgerEntry], history: Sequence[LedgerEntry]) -> Comparison:
        figures = _delivery_figures(connection, stream, delivery, history)
        found = _comparison(subject, figures, read_history(connection, subject), limits)
        at, is_credible = delivery[-1].loaded_at, found.is_credible
        store_figures(connection, subject, run_id, found.figures, accepted=is_credible, delivered_at=at)
        return found

    comparisons, before = _compare_each([each for _, each in deliveries], before, compare)
    waiting = {
        entry.batch_id: first_run
        for (first_run, delivery), found in zip(deliveries, comparisons, strict=True)
        for entry in delivery
        if not found.is_credible
    }
    if not waiting:  # what waited was taken back, or newer versions of all its rows have come
        forget_waiting(connection, subject)
    accept_batches(connection, {entry.batch_id for entry in before}, run_id)
    let_wait(connection, subject, waiting)
    return Comparison(subject, [each for found in comparisons for each in found.figures])


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
    comparison = _of_table(subject, figures, history, limits)
    if figures:
        store_figures(connection, subject, run_id, comparison.figures, accepted=comparison.is_credible)
    return comparison


def compare_release(
    connection: duckdb.DuckDBPyConnection,
    tables: Mapping[str, ReleasedTable],
    run_id: str,
    limits: Sequence[Limit] = (),
) -> Comparison:
    """Measure the tables of a candidate against those of the live release, and store the figures.

    Args:
        connection: the warehouse, to write.
        tables: the tables of the candidate by name.
        run_id: the run that asks.
        limits: those that people set.

    Returns:
        The comparison.
    """
    history = read_history(connection, RELEASE)
    comparison = _of_table(RELEASE, release_figures(connection, tables, history), history, limits)
    store_figures(connection, RELEASE, run_id, comparison.figures, accepted=comparison.is_credible)
    return comparison


def _of_table(subject: str, figures: Sequence[Figure], history: History, limits: Sequence[Limit]) -> Comparison:
    """Compare the figures of a table; what is no farther off than what a person accepted last is accepted, too."""
    found = _comparison(subject, figures, history, limits)
    return Comparison(subject, [_as_accepted(each, history) for each in found.figures])


def _as_accepted(found: Compared, history: History) -> Compared:
    before = history.get((found.figure.name, found.figure.of))
    if found.is_credible or found.usual is None or not before:
        return found
    is_no_farther = abs(found.figure.value - found.usual) <= abs(before[-1].value - found.usual) * (1 + 1e-9)
    return replace(found, is_credible=is_no_farther)


def _comparison(subject: str, figures: Sequence[Figure], history: History, limits: Sequence[Limit]) -> Comparison:
    now = datetime.now(UTC).replace(tzinfo=None)
    found = (compared(each, history.get((each.name, each.of), ()), now) for each in figures)
    return Comparison(subject, [limited(subject, each, limits) for each in found])


def _compare_each(
    deliveries: Sequence[Sequence[LedgerEntry]],
    before: Sequence[LedgerEntry],
    compare: Callable[[Sequence[LedgerEntry], Sequence[LedgerEntry]], Comparison],
) -> tuple[list[Comparison], list[LedgerEntry]]:
    """Return the comparison of each delivery, and what counts as history with those that are credible."""
    history, found = list(before), []
    for delivery in deliveries:
        found.append(compare(delivery, history))
        if found[-1].is_credible:
            history += delivery
    if any(each.is_credible for each in found):
        # Of rows that wait a credible delivery may have brought newer versions; one that waits itself does not count.
        for place, delivery in enumerate(deliveries):
            if not found[place].is_credible:
                found[place] = compare(delivery, history)
                history += delivery if found[place].is_credible else ()
    return found, history


def _accepted(
    connection: duckdb.DuckDBPyConnection, landed: Sequence[LedgerEntry], released_at: datetime | None
) -> set[str]:
    accepted = accepted_batches(connection)
    if accepted is not None:
        return accepted
    return {entry.batch_id for entry in landed if released_at and entry.loaded_at <= released_at}


def _split(
    landed: Sequence[LedgerEntry], accepted: Collection[str], accepted_files: Collection[Content]
) -> tuple[list[LedgerEntry], list[LedgerEntry]]:
    """Return the batches that count as history, and those to be measured."""
    # A file that landed again by a mended mapping was delivered once: its rows differ by the will of people.
    contents = {entry.content for entry in landed if entry.batch_id in accepted}.union(accepted_files)
    before = [entry for entry in landed if entry.content in contents]
    return before, [entry for entry in landed if entry.content not in contents]


def _deliveries(
    new: Sequence[LedgerEntry], waiting: Mapping[str, str], run_id: str
) -> list[tuple[str, list[LedgerEntry]]]:
    """Return the batches by the run that they were new to, oldest first."""
    found: dict[str, list[LedgerEntry]] = {}
    for entry in new:
        found.setdefault(waiting.get(entry.batch_id, run_id), []).append(entry)
    return sorted(found.items(), key=lambda delivery: delivery[1][0].loaded_at)


def _delivery_figures(
    connection: duckdb.DuckDBPyConnection,
    stream: Stream,
    delivered: Sequence[LedgerEntry],
    before: Sequence[LedgerEntry],
) -> list[Figure]:
    rows = sum(entry.row_count for entry in delivered)
    if not rows:
        return []
    with samples_of(connection, stream, delivered, accepted=before) as samples:
        figures = measured(connection, samples)
    corrected = sum(each["row_count"] for entry in delivered for each in entry.corrected_times)
    return [
        *figures,
        Figure("rows", "delivery", rows, rows, spread=1.0),  # counted events vary by the root of their number
        Figure("corrected", "times", min(1.0, corrected / rows), rows, 0.02, rows, 0, is_decisive=True),
    ]
