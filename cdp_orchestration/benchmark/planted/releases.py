"""Damages and clean variations of built tables: what the last gate says of a release that is cut from them.

What has landed is healthy and every stage has passed; then a table is not what it was: a wrong rate of exchange, an
override of a rule, a model of one's own, a fault of ours. The candidate is written by the function that a sync cuts
with, and is compared by the one that its gate compares with.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from cdp_orchestration.dagster.figure_gates import candidate_results, is_about_figures
from cdp_orchestration.dbt.project import manifest
from cdp_orchestration.dbt.published_tables import published_tables
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.sql_text import text_literal
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.release.bundle import PublishedTable, new_release_id, write_candidate
from cdp_orchestration.release.publication import candidate_folder
from cdp_orchestration.release.reader import Release


@dataclass(frozen=True)
class PlantedRelease:
    """What is planted in a built table.

    Attributes:
        name: what is planted, in words.
        sql: the change of the table.
        finding: the figure that must stop the release, or ``key``; empty for a clean variation.
    """

    name: str
    sql: str
    finding: str = ""


DAMAGED_RELEASES = (
    PlantedRelease(
        "touchpoints lost a third", "delete from journeys.touchpoints where hash(touchpoint_id) % 3 = 0", "records"
    ),
    PlantedRelease("half of the profiles are gone", "delete from profiles.profiles where hash(profile_id) % 2 = 0",
        "records"),
    PlantedRelease("identifiers lost a half",
        "delete from profiles.profile_identifiers where hash(identifier_value) % 2 = 0", "records"),
    PlantedRelease("no moments", "delete from journeys.moments", "records"),
    PlantedRelease("everybody may be contacted", "update profiles.profile_consents set is_contactable = true",
        "turned"),
    PlantedRelease("revenue tenfold", "update journeys.profile_metrics set revenue_amount = revenue_amount * 10",
        "moved"),
    PlantedRelease("orders in another currency",
        "update journeys.orders set net_reporting_amount = net_reporting_amount / 100", "moved"),
    PlantedRelease("revenue is nothing", "update journeys.profile_metrics set revenue_amount = 0", "changed"),
    PlantedRelease("profiles lost their e-mails", "update profiles.profiles set email = null", "emptied"),
    PlantedRelease("a third of the profiles lost their names",
        "update profiles.profiles set full_name = null where hash(profile_id) % 3 = 0", "emptied"),
    PlantedRelease("keys are doubled",
        "insert into profiles.profile_identifiers select * from profiles.profile_identifiers limit 5", "key"),
)  # fmt: skip
CLEAN_RELEASES = (
    PlantedRelease("the same once more", "select 1"),
    PlantedRelease("half of the moments expire", "delete from journeys.moments where hash(moment_id) % 2 = 0"),
    PlantedRelease("a third of the orders is paid back",
        "update journeys.orders set net_reporting_amount = 0 where hash(order_id) % 3 = 0"),
    PlantedRelease("an erasure", "delete from profiles.profiles where hash(profile_id) % 25 = 0"),
    PlantedRelease("a few people say yes",
        "update profiles.profile_consents set is_contactable = true where hash(profile_id) % 20 = 0"),
)  # fmt: skip


def stopping_findings(planted: PlantedRelease, healthy: Path, home: Path) -> Sequence[str]:
    """Cut a release from a copy of a healthy home in which a table was changed.

    Args:
        planted: the change.
        healthy: a home with a live release.
        home: the copy; it must not exist.

    Returns:
        What stops the release: lines of figures, and ``key`` where a key stands in two rows.
    """
    shutil.copytree(healthy, home)
    settings, tables = Settings(home), published_tables(manifest())
    with open_warehouse(settings.warehouse) as connection:
        connection.execute(planted.sql)
        now = datetime.now(UTC)
        release_id = new_release_id(now)
        folder = candidate_folder(settings.releases, release_id)
        about = {"release_id": release_id, "created_at": now.isoformat()}
        candidate = Release(folder, write_candidate(connection, folder, tables.values(), about))
        keys = _doubled_keys(connection, candidate, tables)
        found = candidate_results(connection, candidate, tables, settings, "planted")
    failed = (each for result in found if is_about_figures(result) for each in result.failed("critical"))
    return [*keys, *(line for outcome in failed for line in outcome.sample_keys)]


def is_found(planted: PlantedRelease, findings: Sequence[str]) -> bool:
    """Return whether what must stop the release did, or that nothing stopped a clean one."""
    return any(planted.finding in line for line in findings) if planted.finding else not findings


def _doubled_keys(
    connection: duckdb.DuckDBPyConnection, candidate: Release, tables: dict[str, PublishedTable]
) -> Sequence[str]:
    from expectations import check_table, release_gate

    for name, table in tables.items():
        entry = candidate.manifest["tables"][name]
        gate = release_gate(name, entry["rows"], {}, table.key)
        file = text_literal(candidate.folder / entry["file"])
        if not check_table(connection, f"read_parquet({file})", gate).is_passed:
            return ["key"]
    return []
