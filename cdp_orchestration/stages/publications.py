"""``operations.publications``: which release went live from which chain, by which run, and what was live afterwards."""

from datetime import UTC, datetime

import duckdb

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import has_table
from cdp_orchestration.release.reader import Release, live_release
from cdp_orchestration.stages.chain import Chain
from cdp_orchestration.stages.gate_results import StoredResult, read_gate_results


def record_publication(
    connection: duckdb.DuckDBPyConnection, chain: Chain, release_id: str, run_id: str, started_by: str
) -> None:
    """Record that a release holds what the chain holds; where no table had changed it is the release before."""
    connection.execute(
        "create table if not exists operations.publications (inputs_fingerprint varchar, release_id varchar, "
        "run_id varchar, started_by varchar, published_at timestamp)"
    )
    now = datetime.now(UTC).replace(tzinfo=None)
    connection.execute(
        "insert into operations.publications values (?, ?, ?, ?, ?)",
        [chain.fingerprint, release_id, run_id, started_by, now],
    )
    for former_name in ("completed_syncs", "staged_inputs"):  # of older homes
        connection.execute(f"drop table if exists operations.{former_name}")


def is_live(connection: duckdb.DuckDBPyConnection, settings: Settings, chain: Chain) -> bool:
    """Return whether the live release holds what the chain holds; a connection that only reads will do."""
    live = live_release(settings.releases)
    return live is not None and held_release_id(connection, chain) == live.release_id


def was_published(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether a release of what this warehouse holds, or held, has ever gone live."""
    return has_table(connection, "operations", "publications")


def held_release_id(connection: duckdb.DuckDBPyConnection, chain: Chain) -> str | None:
    """Return the release that was last published if the chain still holds just that; one that only reads will do."""
    if not has_table(connection, "operations", "publications"):
        return None
    newest = connection.execute(
        "select inputs_fingerprint, release_id from operations.publications order by rowid desc limit 1"
    ).fetchall()
    return next((str(release_id) for fingerprint, release_id in newest if fingerprint == chain.fingerprint), None)


def objections_to_live(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[str]:
    """Return why the live release should not be trusted, one sentence a reason; none where its gates have passed.

    Args:
        connection: the warehouse; one that only reads will do.
        settings: the home.

    Returns:
        Each gate that has refused, since the release was cut, just what the release was cut from.
    """
    live = live_release(settings.releases)
    if live is None:
        return []
    if "gates" not in live.manifest:
        found = f"release {live.release_id} was cut by an older version, without a record of its gates"
        return [f"{found}; `cdp sync` cuts one with it"]
    return [
        f"gate {result.stage}.{result.table} refuses what release {live.release_id} was cut from: "
        f"{'; '.join(result.critical_failures)}"
        for result in read_gate_results(connection).values()
        if not result.is_passed and _is_about(result, live)
    ]


def _is_about(result: StoredResult, live: Release) -> bool:
    return bool(live.manifest["gates"].get(f"{result.stage}.{result.table}") == result.state)
