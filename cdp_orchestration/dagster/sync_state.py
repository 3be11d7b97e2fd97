"""What the last complete sync read, so that the next one knows whether there is anything to do."""

import hashlib
from datetime import UTC, datetime

import duckdb

from cdp_orchestration.dagster.home_resource import Home
from cdp_orchestration.home.code_version import code_version
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.fingerprint import decisions_fingerprint
from cdp_orchestration.landing import landing_fingerprint
from cdp_orchestration.release.publication import current_release_id


def inputs_fingerprint(connection: duckdb.DuckDBPyConnection, settings: Settings) -> str:
    """Return a hash of everything that a release is made from: landed files, decisions of people, and the code."""
    inputs = f"{landing_fingerprint(connection)} {decisions_fingerprint(settings)} {code_version()}"
    return hashlib.sha256(inputs.encode()).hexdigest()


def nothing_new(home: Home) -> bool:
    """Return whether the live release was made by this code from exactly what has landed by now."""
    live = current_release_id(home.settings.releases)
    with home.warehouse() as connection:
        _ensure_tables(connection)
        last = connection.execute(
            "select inputs_fingerprint, release_id from operations.completed_syncs order by completed_at desc limit 1"
        ).fetchall()
        return live is not None and last == [(inputs_fingerprint(connection, home.settings), live)]


def record_staged(home: Home) -> None:
    """Store the fingerprint of the inputs that staging is built from next; the following release is made from them."""
    with home.warehouse() as connection:
        _ensure_tables(connection)
        connection.execute(
            "create or replace table operations.staged_inputs as select ? as inputs_fingerprint",
            [inputs_fingerprint(connection, home.settings)],
        )


def staged_fingerprint(connection: duckdb.DuckDBPyConnection) -> str:
    """Return the fingerprint of what staging was built from."""
    return str(connection.execute("select inputs_fingerprint from operations.staged_inputs").fetchall()[0][0])


def record_completed(connection: duckdb.DuckDBPyConnection, fingerprint: str, release_id: str, run_id: str) -> None:
    """Store that a sync is complete: the fingerprint of its inputs, and the release made from them."""
    _ensure_tables(connection)
    connection.execute(
        "insert into operations.completed_syncs values (?, ?, ?, ?)",
        [run_id, fingerprint, release_id, datetime.now(UTC).replace(tzinfo=None)],
    )


def _ensure_tables(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create table if not exists operations.completed_syncs "
        "(run_id varchar, inputs_fingerprint varchar, release_id varchar, completed_at timestamp)"
    )
