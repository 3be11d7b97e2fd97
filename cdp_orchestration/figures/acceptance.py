"""Figures that a person accepted although they are far off: who, when and why, in ``operations.gate_acceptances``.

What is accepted counts as history from then on, so that the next delivery is compared by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from cdp_orchestration.errors import CdpError
from cdp_orchestration.figures.store import accept_batches
from cdp_orchestration.home.warehouse import has_table

MIN_RUN_ID = 6
"""How many characters of a run's id name it."""


class NothingToAcceptError(CdpError):
    """No such run found anything that waits for a person."""


@dataclass(frozen=True)
class WaitingFigure:
    """A figure that is not credible and that no one has accepted."""

    run_id: str
    subject: str
    figure: str
    of: str
    value: float
    usual: float | None
    low: float | None
    high: float | None
    measured_at: datetime

    @property
    def expected(self) -> str:
        """The usual limits, for people."""
        return "" if self.low is None or self.high is None else f"{self.low:.4g} to {self.high:.4g}"


def waiting_figures(connection: duckdb.DuckDBPyConnection) -> list[WaitingFigure]:
    """Return what stopped the newest comparison of each subject and was not accepted, by subject."""
    if not has_table(connection, "operations", "figures"):
        return []
    rows = connection.execute(
        """
        select run_id, subject, figure, of, value, usual, low, high, measured_at
        from (
            select *, rank() over (partition by subject order by measured_at desc) as newness from operations.figures
        )
        where newness = 1 and not is_credible and not is_accepted
        order by subject, figure, of
        """
    ).fetchall()
    return [WaitingFigure(*row) for row in rows]


def accept_run(connection: duckdb.DuckDBPyConnection, run_id: str, *, by: str, why: str) -> Sequence[str]:
    """Let what a run measured count as usual; the caller holds the writer's lock.

    Args:
        connection: the warehouse, to write.
        run_id: the run, or at least the first six characters of its id.
        by: who accepts it.
        why: the reason, which is kept.

    Returns:
        The subjects that were accepted: landed streams, whose new deliveries count from now on, and tables.

    Raises:
        NothingToAcceptError: nothing of such a run waits.
    """
    waiting = waiting_figures(connection)
    is_named = len(run_id) >= MIN_RUN_ID
    runs = sorted({each.run_id for each in waiting})
    found = [each for each in waiting if is_named and each.run_id.startswith(run_id)]
    if len({each.run_id for each in found}) != 1:
        known = ", ".join(runs) if runs else "none"
        raise NothingToAcceptError(
            f"Run {run_id}: found nothing of it that waits to be accepted; expected one of these runs: {known}. "
            "`cdp gates list` shows what waits."
        )
    run, subjects = found[0].run_id, sorted({each.subject for each in found})
    connection.begin()
    for subject in subjects:
        _accept(connection, run, subject)
    connection.execute(
        "create table if not exists operations.gate_acceptances "
        "(run_id varchar, subject varchar, accepted_at timestamp, accepted_by varchar, why varchar)"
    )
    now = datetime.now(UTC).replace(tzinfo=None)
    connection.executemany(
        "insert into operations.gate_acceptances values (?, ?, ?, ?, ?)",
        [[run, subject, now, by, why] for subject in subjects],
    )
    connection.commit()
    return subjects


def _accept(connection: duckdb.DuckDBPyConnection, run_id: str, subject: str) -> None:
    connection.execute(
        "update operations.figures set is_accepted = true where run_id = ? and subject = ?", [run_id, subject]
    )
    stage, _, table = subject.partition(".")
    if stage == "landing":
        batches = connection.execute(
            "select batch_id from operations.landing_batches where source || '_' || stream = ? and status = 'landed' "
            "and loaded_at <= (select max(measured_at) from operations.figures where run_id = ? and subject = ?)",
            [table, run_id, subject],
        ).fetchall()
        accept_batches(connection, [batch_id for (batch_id,) in batches], run_id)
    # The stored result of the gate would be repeated as long as nothing else lands.
    if has_table(connection, "operations", "gate_results"):
        connection.execute("delete from operations.gate_results where stage = ? and table_name = ?", [stage, table])
