"""Write the open tier of a release: a release of its own, whose tables are those of the other, made coarse."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from cdp_orchestration.home.keyed_hashes import create_keyed_hash
from cdp_orchestration.open_tier.declaration import OpenTier
from cdp_orchestration.open_tier.queries import COMMON, common_values_query, open_columns, open_query
from cdp_orchestration.open_tier.rules import NOTHING, RULES_FILE, TableRules, table_rules
from cdp_orchestration.release.bundle import PublishedTable, content_of, write_candidate
from cdp_orchestration.release.publication import candidate_folder
from cdp_orchestration.release.reader import Release

TIER = "open"
_SCHEMA = "open_tier"
_VERSION = 1
"""Of the code of these modules: a tier that another version wrote is written again."""
_COPIED = ("release_id", "created_at", "code_version", "company_time_zone")
"""Facts of the release that its open tier repeats."""


def made_from(release: Release, declared: OpenTier, key: bytes) -> str:
    """Return a hash of all that the open tier of a release is made from; the key cannot be found by it.

    Args:
        release: the release.
        declared: what the home declares.
        key: the secret of the hashes.
    """
    facts = (_VERSION, declared.k, sorted(content_of(release.manifest).items()), RULES_FILE.read_text(encoding="utf-8"))
    return hashlib.sha256(repr(facts).encode() + hashlib.sha256(key).digest()).hexdigest()


def write_open_candidate(
    release: Release, releases: Path, declared: OpenTier, key: bytes, now: datetime
) -> dict[str, Any]:
    """Write the open tier of a release to a folder that readers do not see.

    Args:
        release: the release; its files are read.
        releases: the folder of all open tiers.
        declared: what the home declares.
        key: the secret of the hashes.
        now: the time, in UTC.

    Returns:
        The manifest of the tier; it has the id of the release.
    """
    folder = candidate_folder(releases, release.release_id)
    about = {
        **{name: release.manifest[name] for name in _COPIED if name in release.manifest},
        "tier": TIER,
        "k": declared.k,
        "written_at": now.isoformat(),
        "made_from": made_from(release, declared, key),
    }
    with release.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        create_keyed_hash(connection, key)
        tables = _create_tables(connection, release.manifest["tables"], table_rules(), declared.k)
        return write_candidate(connection, folder, tables, about)


def _create_tables(
    connection: duckdb.DuckDBPyConnection,
    entries: Mapping[str, Mapping[str, Any]],
    rules: Mapping[str, TableRules],
    k: int,
) -> list[PublishedTable]:
    columns: dict[str, Sequence[Mapping[str, str]]] = {name: entry["columns"] for name, entry in entries.items()}
    connection.execute(f"create table {COMMON} as {common_values_query(columns, rules, k)}")
    connection.execute(
        f"set variable {COMMON} = (select map_from_entries(list((column_name, all_values))) from "
        f"(select column_name, list(value) as all_values from {COMMON} group by column_name))"
    )
    connection.execute(f"create schema {_SCHEMA}")
    found = []
    for name, entry in entries.items():
        of_table = rules.get(name, NOTHING)
        shown = tuple(open_columns(entry["columns"], of_table))
        if not shown:
            continue
        connection.execute(f'create view {_SCHEMA}."{name}" as {open_query(name, entry["columns"], of_table, k)}')
        names = {column["name"] for column in shown}
        key = tuple(entry.get("key", ()))
        kept_key = key if names.issuperset(key) else ()
        found.append(PublishedTable(name, f'{_SCHEMA}."{name}"', entry["description"], shown, kept_key))
    return found
