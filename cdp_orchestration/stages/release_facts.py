"""What the manifest of a release says of it as a whole: when, by which run and code, from which states it was cut."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import duckdb

from cdp_orchestration.home.code_version import code_version
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing import source_states
from cdp_orchestration.stages.chain import Chain


def release_facts(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    chain: Chain,
    *,
    release_id: str,
    previous: str | None,
    after_rollback: str | None = None,
    run_id: str,
    now: datetime,
) -> dict[str, Any]:
    """Return the facts of a release that is about to be cut.

    Args:
        connection: the warehouse.
        settings: the home.
        chain: what it is cut from.
        release_id: its id.
        previous: the id of the release before it.
        after_rollback: who had gone back to that one, and why; else None.
        run_id: the run that built what it holds.
        now: the time, in UTC.

    Returns:
        All of the manifest but its tables.
    """
    return {
        "release_id": release_id,
        "created_at": now.isoformat(),
        "run_id": run_id,
        "previous_release_id": previous,
        "after_rollback": after_rollback,
        "code_version": code_version(),
        "model_version": _model_version(connection),
        "inputs_fingerprint": chain.fingerprint,
        "states": dict(chain.states),
        "sources": [asdict(state) for state in source_states(connection, settings)],
        "gates": {**chain.gate_states, "release.candidate": release_id},
    }


def _model_version(connection: duckdb.DuckDBPyConnection) -> str | None:
    ((version,),) = connection.execute("select max(model_version) from identity.match_edges").fetchall()
    return None if version is None else str(version)
