"""Figures that a person accepted although they are far off: what, who, when and why.

It is a decision of people, so it stands in a file of the home beside the other decisions. What is accepted counts as
history from then on, so that the next delivery is compared by it.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import duckdb

from cdp_orchestration.errors import CdpError
from cdp_orchestration.figures.families import shown
from cdp_orchestration.figures.store import accept_batches, let_wait, waiting_batches
from cdp_orchestration.home.audit import record
from cdp_orchestration.home.durable_files import write_json
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import has_table
from cdp_orchestration.landing.storage.ledger import Content

MIN_RUN_ID = 6
"""How many characters of a run's id name it."""


class NothingToAcceptError(CdpError):
    """No such run found anything that waits for a person."""


@dataclass(frozen=True)
class Acceptance:
    """What a person accepted of a subject; ``files`` are those of a landed stream, by path and SHA-256."""

    run_id: str
    subject: str
    accepted_at: str
    accepted_by: str
    why: str
    files: Sequence[Content] = ()


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
    delivered_at: datetime | None

    @property
    def found(self) -> str:
        """The value in its unit, for people."""
        return shown(self.figure, self.value)

    @property
    def expected(self) -> str:
        """The usual limits, for people."""
        bounds = (self.low, self.high)
        return " to ".join(shown(self.figure, bound) for bound in bounds if bound is not None)


def waiting_figures(connection: duckdb.DuckDBPyConnection) -> list[WaitingFigure]:
    """Return what stopped the newest comparison of each subject and was not accepted, by subject."""
    if not has_table(connection, "operations", "figures"):
        return []
    rows = connection.execute(
        """
        with newest as (
            select subject, arg_max(run_id, measured_at) as run_id from operations.figures group by subject
        )
        select run_id, subject, figure, of, value, usual, low, high, measured_at, delivered_at
        from operations.figures inner join newest using (subject, run_id)
        where not is_credible and not is_accepted
        order by subject, delivered_at, figure, of
        """
    ).fetchall()
    return [WaitingFigure(*row) for row in rows]


def accepted(settings: Settings) -> list[Acceptance]:
    """Return what people accepted in a home, oldest first."""
    if not settings.accepted_figures.exists():
        return []
    found = json.loads(settings.accepted_figures.read_text(encoding="utf-8"))
    return [
        Acceptance(**{**each, "files": tuple((path, sha256) for path, sha256 in each["files"])})
        for each in found["acceptances"]
    ]


def accepted_files(settings: Settings, subject: str) -> set[Content]:
    """Return the files of a landed stream that a person accepted."""
    return {content for each in accepted(settings) if each.subject == subject for content in each.files}


def accept_run(
    connection: duckdb.DuckDBPyConnection, run_id: str, settings: Settings, *, by: str, why: str
) -> Sequence[str]:
    """Let what a run measured count as usual; the caller holds the writer's lock.

    Args:
        connection: the warehouse, to write.
        run_id: the run, or at least the first six characters of its id.
        settings: the home.
        by: who accepts it.
        why: the reason, which is kept.

    Returns:
        The subjects that were accepted: landed streams, whose deliveries count from now on, and tables.

    Raises:
        NothingToAcceptError: nothing of such a run waits.
    """
    waiting = waiting_figures(connection)
    is_named = len(run_id) >= MIN_RUN_ID
    found = [each for each in waiting if is_named and each.run_id.startswith(run_id)]
    if len({each.run_id for each in found}) != 1:
        known = ", ".join(sorted({each.run_id for each in waiting})) or "none"
        raise NothingToAcceptError(
            f"Run {run_id}: found nothing of it that waits to be accepted; expected one of these runs: {known}. "
            "`cdp gates list` shows what waits."
        )
    run, subjects = found[0].run_id, sorted({each.subject for each in found})
    now = datetime.now(UTC).isoformat(timespec="seconds")
    new = [Acceptance(run, each, now, by, why, _waiting_files(connection, each)) for each in subjects]
    # First the decision, which outlives the warehouse: what follows from it can be done again.
    kept = [asdict(each) for each in (*accepted(settings), *new)]
    write_json(settings.accepted_figures, {"acceptances": kept})
    record(settings.audit, "accept figures", run, by=by, why=why, details={"of": subjects})
    connection.begin()
    for subject in subjects:
        _accept(connection, run, subject)
    connection.commit()
    return subjects


def _waiting_files(connection: duckdb.DuckDBPyConnection, subject: str) -> Sequence[Content]:
    ids = list(waiting_batches(connection, subject))
    if not ids:
        return ()
    files = "select distinct source_file, sha256 from operations.landing_batches where list_contains(?, batch_id)"
    return tuple(connection.execute(f"{files} order by all", [ids]).fetchall())


def _accept(connection: duckdb.DuckDBPyConnection, run_id: str, subject: str) -> None:
    connection.execute(
        "update operations.figures set is_accepted = true where run_id = ? and subject = ?", [run_id, subject]
    )
    waiting = waiting_batches(connection, subject)
    if waiting:
        accept_batches(connection, waiting, run_id)
        let_wait(connection, subject, {})
    # The stored result of the gate would be repeated as long as nothing else lands.
    if has_table(connection, "operations", "gate_results"):
        stage, _, table = subject.partition(".")
        connection.execute("delete from operations.gate_results where stage = ? and table_name = ?", [stage, table])
