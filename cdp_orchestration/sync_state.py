"""What the last complete sync had seen, so that the next one can tell whether there is anything to do."""

import hashlib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import duckdb

from cdp_orchestration.dbt import DBT_PROJECT_DIR
from cdp_orchestration.home import Home
from cdp_orchestration.identity_stage.fingerprint import decisions_fingerprint
from cdp_orchestration.landing import landing_fingerprint
from cdp_orchestration.release.publication import current_release_id
from cdp_orchestration.settings import PROJECT_ROOT, Settings

_CODE_FOLDERS = (PROJECT_ROOT / "cdp_orchestration", PROJECT_ROOT / "identity", PROJECT_ROOT / "expectations")
_CODE_ENDINGS = {".py", ".sql", ".yml", ".csv", ".txt"}


@cache
def code_version() -> str:
    """Return a hash of the code that makes tables, libraries included: other code is a reason to build them again."""
    digest = hashlib.sha256()
    for folder in (*_CODE_FOLDERS, DBT_PROJECT_DIR):
        for path in sorted(folder.rglob("*")):
            if _is_code(path.relative_to(folder)):
                digest.update(str(path.relative_to(PROJECT_ROOT)).encode())
                digest.update(path.read_bytes())
    digest.update((PROJECT_ROOT / "requirements.txt").read_bytes())
    return digest.hexdigest()[:12]


def _is_code(path: Path) -> bool:
    return path.suffix in _CODE_ENDINGS and "target" not in path.parts


def inputs_fingerprint(connection: duckdb.DuckDBPyConnection, settings: Settings) -> str:
    """Return a hash of everything that a release is made from: what has landed, what people decided, and the code."""
    told = f"{landing_fingerprint(connection)} {decisions_fingerprint(settings)} {code_version()}"
    return hashlib.sha256(told.encode()).hexdigest()


def nothing_new(home: Home) -> bool:
    """Tell whether the live release was made from just what has landed by now, by this code."""
    live = current_release_id(home.settings.releases)
    with home.warehouse() as connection:
        _ensure_tables(connection)
        last = connection.execute(
            "select inputs_fingerprint, release_id from operations.completed_syncs order by completed_at desc limit 1"
        ).fetchall()
        return live is not None and last == [(inputs_fingerprint(connection, home.settings), live)]


def record_staged(home: Home) -> None:
    """Remember what staging is about to be built from; the release that follows is made from that."""
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
    """Remember that a sync ran to its end: which inputs, and which release holds them."""
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
