"""What a landing gate said of a stream, kept until the stream or the code changes.

Most syncs find nothing new in most streams. To judge the same rows by the same rules again would cost a sync with
nothing new a third of its time, most of it the start of Great Expectations.
"""

import hashlib
import json
from typing import Any

import duckdb

from cdp_orchestration.home.code_version import code_version
from cdp_orchestration.landing.ledger import read_ledger
from cdp_orchestration.streams import Stream


def state_of(connection: duckdb.DuckDBPyConnection, stream: Stream) -> str:
    """Return a hash of what has landed in a stream, and of the code that judges it."""
    versions = [(entry.batch_id, entry.status) for entry in read_ledger(connection, stream)]
    code = code_version("landing", "gates")
    return hashlib.sha256(f"{versions} {code}".encode()).hexdigest()


def recall_verdict(connection: duckdb.DuckDBPyConnection, stream: Stream, state: str) -> dict[str, Any] | None:
    """Return what was said of the stream in this state, or None if it was not judged in it."""
    _create_table(connection)
    found = connection.execute(
        "select verdict from operations.judged_batches where stream = ? and state = ?", [stream.table, state]
    ).fetchall()
    return json.loads(found[0][0]) if found else None


def remember_verdict(
    connection: duckdb.DuckDBPyConnection, stream: Stream, state: str, verdict: dict[str, Any]
) -> None:
    """Keep what was said of the stream in this state, instead of what was said before."""
    connection.begin()
    connection.execute("delete from operations.judged_batches where stream = ?", [stream.table])
    connection.execute(
        "insert into operations.judged_batches values (?, ?, ?)", [stream.table, state, json.dumps(verdict)]
    )
    connection.commit()


def _create_table(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create table if not exists operations.judged_batches (stream varchar, state varchar, verdict varchar)"
    )
