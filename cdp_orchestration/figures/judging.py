"""Judge what has landed since the last acceptance, and the tables that were built from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from cdp_orchestration.figures.bounds import Judged, judged
from cdp_orchestration.figures.figure import Figure
from cdp_orchestration.figures.hand_limits import Limit, limited
from cdp_orchestration.figures.measured import measured
from cdp_orchestration.figures.samples import samples_of
from cdp_orchestration.figures.stage_figures import table_figures
from cdp_orchestration.figures.store import History, accept_batches, accepted_batches, read_history, store_figures
from cdp_orchestration.landing.ledger import LedgerEntry, read_ledger
from cdp_orchestration.sources import Stream


@dataclass(frozen=True)
class Judgement:
    """What was judged: a landed stream's new deliveries, or a table; without figures nothing was new."""

    subject: str
    figures: Sequence[Judged] = ()

    @property
    def is_credible(self) -> bool:
        """Whether nothing is so far off that the release must wait for a person."""
        return all(each.is_credible for each in self.figures)


def judge_deliveries(
    connection: duckdb.DuckDBPyConnection,
    stream: Stream,
    run_id: str,
    *,
    released_at: datetime | None,
    limits: Sequence[Limit] = (),
) -> Judgement:
    """Measure the batches of a stream that were not accepted before, and store the figures.

    What is credible is accepted at once: the next delivery is compared with it too.

    Args:
        connection: the warehouse, to write.
        stream: the stream.
        run_id: the run that asks.
        released_at: when the live release was made, in UTC; what a home that never judged had landed before is
            accepted.
        limits: those that people set.

    Returns:
        The judgement.
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
    judgement = _judgement(subject, figures, read_history(connection, subject), limits)
    if delivered:
        store_figures(connection, subject, run_id, judgement.figures, accepted=judgement.is_credible)
    if judgement.is_credible:
        accept_batches(
            connection, accepted.intersection(e.batch_id for e in landed) | {e.batch_id for e in new}, run_id
        )
    return judgement


def judge_table(
    connection: duckdb.DuckDBPyConnection, subject: str, run_id: str, limits: Sequence[Limit] = ()
) -> Judgement:
    """Measure a table of a stage against the last accepted figures of it, and store the figures.

    Args:
        connection: the warehouse, to write.
        subject: the table with its schema.
        run_id: the run that asks.
        limits: those that people set.

    Returns:
        The judgement; without figures for a table that is not measured.
    """
    history = read_history(connection, subject)
    figures = table_figures(connection, subject, history)
    judgement = _judgement(subject, figures, history, limits)
    if figures:
        store_figures(connection, subject, run_id, judgement.figures, accepted=judgement.is_credible)
    return judgement


def _judgement(subject: str, figures: Sequence[Figure], history: History, limits: Sequence[Limit]) -> Judgement:
    now = datetime.now(UTC).replace(tzinfo=None)
    found = (judged(each, history.get((each.name, each.of), ()), now) for each in figures)
    return Judgement(subject, [limited(subject, each, limits) for each in found])


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
        Figure("rows", "delivery", rows, rows),
        Figure("corrected", "times", min(1.0, corrected / rows), rows, 0.02, rows, 0, is_decisive=True),
    ]
