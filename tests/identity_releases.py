"""Releases that hold the identity tables alone: what readers see of identities, without the stages after them."""

from datetime import UTC, datetime
from itertools import count

import duckdb

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.bundle import PublishedTable, write_candidate
from cdp_orchestration.release.pointer import current_release_id
from cdp_orchestration.release.publication import candidate_folder, publish
from identity import OUTPUT_SCHEMAS

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
    tables = [
        PublishedTable(name, f"identity.{table}", "", tuple({"name": field.name} for field in OUTPUT_SCHEMAS[table]))
        for name, table in _PUBLISHED.items()
    ]
    names = [row[0] for row in connection.execute(f"describe {values}").fetchall()]
    tables.append(PublishedTable("person_record_values", values, "", tuple({"name": name} for name in names)))
    release_id = f"release-{next(_NUMBERS):04}"
    about = {"release_id": release_id, "previous_release_id": current_release_id(settings.releases)}
    folder = candidate_folder(settings.releases, release_id)
    manifest = write_candidate(connection, folder, tables, about)
    publish(settings.releases, manifest, datetime.now(UTC))
    return release_id
