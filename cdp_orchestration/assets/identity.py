"""Identity: who is who, decided by the library ``identity/`` and stored in one transaction."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from cdp_orchestration.home import Home
from cdp_orchestration.identity_charts import write_identity_charts
from cdp_orchestration.identity_tables import load_table, store_resolution

_GRAINS = {
    "profile_assignments": "One row per person record: the profile it belongs to, and why.",
    "match_edges": "One row per link between two person records, with its reason, weight and comparison levels.",
    "profile_events": "One row per identity event (created, merged, split, retired), append only.",
    "profile_redirects": "One row per profile id that is no longer current: where it went.",
    "shared_identifiers": "One row per identifier value that too many people share to be evidence.",
}


# The table that shows the charts: each is a picture within an event
_CHARTED = "match_edges"


def identity_assets() -> dg.AssetsDefinition:
    """Return the assets of the identity stage: one step, since its tables change together."""

    @dg.multi_asset(name="identity_tables", specs=[_spec(table, grain) for table, grain in _GRAINS.items()])
    def identity_tables(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:
        counts, metadata, charts = _resolve_and_store(home, context.run_id)
        for table in _GRAINS:
            pictures = charts if table == _CHARTED else {}
            yield dg.MaterializeResult(
                asset_key=["identity", table], metadata={"dagster/row_count": counts[table], **metadata, **pictures}
            )

    return identity_tables


def _spec(table: str, grain: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        ["identity", table],
        deps=[["staging", "person_records"]],
        description=grain,
        group_name="identity",
        kinds={"python", "splink", "duckdb"},
        owners=["team:data-engineering"],
    )


def _resolve_and_store(home: Home, run_id: str) -> tuple[dict[str, int], dict[str, Any], dict[str, Any]]:
    from identity import PLATFORM_MAPPING, assign_profile_ids, resolve

    with home.warehouse() as connection:
        resolution = resolve(connection, "staging.person_records", PLATFORM_MAPPING, with_figures=True)
        changes = assign_profile_ids(
            resolution.clusters,
            load_table(connection, "profile_assignments"),
            previous_redirects=load_table(connection, "profile_redirects"),
            now=datetime.now(UTC).replace(tzinfo=None),
            run_id=run_id,
        )
        # The model is there before any row names its version.
        resolution.model.save(home.settings.models / resolution.model.version)
        counts = store_resolution(connection, resolution, changes)
    pictures = write_identity_charts(resolution, home.settings.reports / "identity")
    seconds = {name: round(value, 2) for name, value in resolution.seconds.items()}
    about = {
        "model_version": resolution.model.version,
        "counts": dict(resolution.counts),
        "skipped_blocks": dict(resolution.skipped_blocks),
        "seconds": seconds,
    }
    return counts, about, {name: dg.MetadataValue.md(picture) for name, picture in pictures.items()}
