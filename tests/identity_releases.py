"""Releases that hold the identity tables alone: what readers see of identities, without the stages after them."""

from datetime import UTC, datetime
from itertools import count

import duckdb

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.bundle import PublishedTable, write_candidate
from cdp_orchestration.release.pointer import current_release_id
from cdp_orchestration.release.publication import candidate_folder, publish
from cdp_orchestration.release.times import published_type

_NUMBERS = count(1)
_PUBLISHED = {
    "profile_records": "profile_assignments",
    "profile_redirects": "profile_redirects",
    "profile_events": "profile_events",
    "match_edges": "match_edges",
}


def publish_identity(
    connection: duckdb.DuckDBPyConnection, settings: Settings, values: str = "staging.person_records"
) -> str:
    """Make a release of what the identity stage holds live, and return its id."""
    relations = {name: f"identity.{table}" for name, table in _PUBLISHED.items()} | {"person_record_values": values}
    tables = [PublishedTable(name, each, "", _columns(connection, each)) for name, each in relations.items()]
    release_id = f"release-{next(_NUMBERS):04}"
    about = {"release_id": release_id, "previous_release_id": current_release_id(settings.releases)}
    folder = candidate_folder(settings.releases, release_id)
    manifest = write_candidate(connection, folder, tables, about)
    publish(settings.releases, manifest, datetime.now(UTC))
    return release_id


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[dict[str, str], ...]:
    described = connection.execute(f"describe {relation}").fetchall()
    return tuple({"name": name, "type": published_type(kind.lower())} for name, kind, *_ in described)
