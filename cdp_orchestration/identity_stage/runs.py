"""The log of identity runs: which run stored the state, and how much has changed since a model was last trained."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from identity import Resolution


@dataclass(frozen=True)
class IdentityRun:
    """One resolution.

    Attributes:
        run_id: the id of the run.
        resolved_at: the start of the resolution, UTC.
        model_version: the model that decided.
        state_token: the token of the state that the run stored.
        code_version: the code of the run.
        is_full: whether all records were resolved.
        is_trained: whether a model was trained.
        record_count: all person records.
        changed_count: the records that were new, changed or deleted.
        touched_count: the records that were resolved.
    """

    run_id: str
    resolved_at: datetime
    model_version: str
    state_token: str | None
    code_version: str
    is_full: bool
    is_trained: bool
    record_count: int
    changed_count: int
    touched_count: int


def record_run(connection: duckdb.DuckDBPyConnection, run: IdentityRun) -> None:
    """Append a run to the log."""
    _ensure_table(connection)
    values = list(vars(run).values())
    connection.execute(f"insert into operations.identity_runs values ({', '.join('?' * len(values))})", values)


def last_run(connection: duckdb.DuckDBPyConnection) -> IdentityRun | None:
    """Return the newest run; None before the first."""
    _ensure_table(connection)
    rows = connection.execute("select * from operations.identity_runs order by rowid desc limit 1").fetchall()
    return IdentityRun(*rows[0]) if rows else None


def changed_since_training(connection: duckdb.DuckDBPyConnection) -> int:
    """Return how many records were new, changed or deleted in the runs since a model was last trained."""
    _ensure_table(connection)
    return int(
        connection.execute(
            """
            select coalesce(sum(changed_count), 0)
            from operations.identity_runs
            where rowid > (select coalesce(max(rowid), -1) from operations.identity_runs where is_trained)
            """
        ).fetchall()[0][0]
    )


def run_metadata(resolution: Resolution) -> dict[str, Any]:
    """Return the counts and seconds of a resolution, as metadata of its run."""
    return {
        "model_version": resolution.model.version,
        "resolved": "everything" if resolution.touched is None else "what changed",
        "counts": dict(resolution.counts),
        "skipped_blocks": dict(resolution.skipped_blocks),
        "seconds": {name: round(value, 2) for name, value in resolution.seconds.items()},
    }


def _ensure_table(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        create table if not exists operations.identity_runs (
            run_id varchar, resolved_at timestamp, model_version varchar, state_token varchar, code_version varchar,
            is_full boolean, is_trained boolean, record_count bigint, changed_count bigint, touched_count bigint
        )
        """
    )
