"""Release: the published tables, written to a candidate, audited, made live in one step, reported on one page."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from cdp_orchestration.customer_report.writing import write_report
from cdp_orchestration.dagster.column_schemas import COLUMN_SCHEMA, release_schema
from cdp_orchestration.dagster.home_resource import Home
from cdp_orchestration.dagster.sync_state import started_by
from cdp_orchestration.figures.store import keep_with_release
from cdp_orchestration.home.audit import record, was_recorded
from cdp_orchestration.home.permissions import let_readers_pass
from cdp_orchestration.open_tier.following import passing_group
from cdp_orchestration.release.bundle import (
    PublishedTable,
    new_release_id,
    same_content,
    write_candidate,
)
from cdp_orchestration.release.integrity import damaged_files
from cdp_orchestration.release.pointer import link_current, read_pointer
from cdp_orchestration.release.publication import (
    candidate_folder,
    publish,
    release_ids,
    remove_unpublished,
    the_candidate,
)
from cdp_orchestration.release.reader import live_release, open_release, require_live_release
from cdp_orchestration.release.shared_files import share_unchanged
from cdp_orchestration.stages.admission import require_complete_chain, require_passed_candidate
from cdp_orchestration.stages.publications import record_publication
from cdp_orchestration.stages.release_facts import release_facts

OWNERS = ["team:data-engineering"]


def release_assets(tables: Mapping[str, PublishedTable]) -> list[dg.AssetsDefinition]:
    """Return the assets of the release stage for these published tables."""

    @dg.asset(
        key=["release", "candidate"],
        deps=[relation_key(table) for table in tables.values()],
        group_name="release",
        kinds={"python", "parquet"},
        owners=OWNERS,
        metadata={COLUMN_SCHEMA: release_schema()},
        description="One row per published table: a candidate release, written to a folder that readers do not see.",
    )
    def candidate(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult[None]:
        return _write_candidate(home, tables, context.run.run_id)

    @dg.asset(
        key=["release", "live"],
        deps=[candidate],
        group_name="release",
        kinds={"python", "parquet"},
        owners=OWNERS,
        metadata={COLUMN_SCHEMA: release_schema()},
        description="One row per published table: the release that readers see. Replaced in one atomic step.",
    )
    def live(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult[None]:
        return _go_live(home, context.run)

    @dg.asset(
        key=["release", "customer_360"],
        deps=[live],
        group_name="release",
        kinds={"python", "html"},
        owners=OWNERS,
        description="One page per live release for people who decide, without personal data, and who to contact.",
    )
    def customer_360(home: Home) -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(metadata=_write_report(home))

    return [candidate, live, customer_360]


def _write_candidate(home: Home, tables: Mapping[str, PublishedTable], run_id: str) -> dg.MaterializeResult[None]:
    started = time.monotonic()
    releases = home.settings.releases
    now = datetime.now(UTC)
    release_id = new_release_id(now, next(iter(release_ids(releases)), None))
    pointer = read_pointer(releases)
    with home.warehouse() as connection:
        chain = require_complete_chain(connection, home.settings)
        removed = remove_unpublished(releases)
        about = release_facts(
            connection,
            home.settings,
            chain,
            release_id=release_id,
            previous=pointer.release_id if pointer else None,
            after_rollback=str(pointer.rollback) if pointer and pointer.rollback else None,
            run_id=run_id,
            now=now,
        )
        manifest = write_candidate(connection, candidate_folder(releases, release_id), tables.values(), about)
    facts = {**_metadata(manifest), "removed_leftovers": removed, "seconds": round(time.monotonic() - started, 2)}
    return dg.MaterializeResult(metadata=facts, data_version=dg.DataVersion(chain.fingerprint))


def _go_live(home: Home, run: dg.DagsterRun) -> dg.MaterializeResult[None]:
    started = time.monotonic()
    releases = home.settings.releases
    with home.warehouse() as connection:
        manifest = open_release(the_candidate(releases)).manifest
        chain = require_passed_candidate(connection, home.settings, manifest)
        former = live_release(releases)
        # A release whose files are not what was published any more is replaced by one that has the same tables.
        damaged = {each.table for each in damaged_files(former)} if former else set()
        is_new = former is None or not same_content(former.manifest, manifest) or bool(damaged)
        shared_bytes = 0
        if is_new:
            if former:
                shared_bytes = share_unchanged(the_candidate(releases), manifest, former, damaged)
            if home.settings.readers_group and (group := passing_group(home.settings)):
                let_readers_pass(home.settings.home, [releases], group)
            publish(releases, manifest, datetime.now(UTC), home.settings.readers_group)
        else:
            remove_unpublished(releases)
        release_id = require_live_release(releases).release_id
        # A run may have been killed between the pointer and what follows from it
        link_current(releases, release_id)
        if not was_recorded(home.settings.audit, "release", release_id):
            about = {"started_by": started_by(run), "tables": len(manifest["tables"])}
            record(home.settings.audit, "release", release_id, by=f"run {run.run_id}", details=about)
        record_publication(connection, chain, release_id, run.run_id, started_by(run))
        keep_with_release(connection, release_id)
    facts: dict[str, Any] = {
        "release_id": release_id,
        "is_new": is_new,
        "shared_bytes": shared_bytes,
        "path": dg.MetadataValue.path(str(releases / release_id)),
        "dagster/row_count": len(manifest["tables"]),
        "started_by": started_by(run),
        "cut_in_run": dg.MetadataValue.dagster_run(manifest["run_id"]),
        "gates_passed": len(manifest["gates"]),
        "seconds": round(time.monotonic() - started, 2),
    }
    return dg.MaterializeResult(metadata=facts, data_version=dg.DataVersion(chain.fingerprint))


def _write_report(home: Home) -> dict[str, Any]:
    started = time.monotonic()
    written = write_report(home.settings)
    return {
        "path": dg.MetadataValue.path(str(written.file)),
        "page": dg.MetadataValue.url(written.file.as_uri()),
        "release_id": written.release_id,
        "profiles": written.profile_count,
        "contacts": written.contact_count,
        "contacts_file": dg.MetadataValue.path(str(written.contacts_file)),
        "size_bytes": written.size_bytes,
        "seconds": round(time.monotonic() - started, 2),
    }


def relation_key(table: PublishedTable) -> list[str]:
    """Return the Dagster asset key of a warehouse relation."""
    return table.relation.split(".")


def _metadata(manifest: Mapping[str, Any]) -> dict[str, Any]:
    rows = "\n".join(f"| {name} | {entry['rows']} |" for name, entry in manifest["tables"].items())
    return {
        "dagster/row_count": len(manifest["tables"]),
        "release_id": manifest["release_id"],
        "published_rows": sum(entry["rows"] for entry in manifest["tables"].values()),
        "tables": dg.MetadataValue.md(f"| table | rows |\n| --- | --- |\n{rows}"),
    }
