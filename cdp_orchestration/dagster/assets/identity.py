"""Identity: which records are one person, decided by the library ``identity/`` and stored in one transaction."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from cdp_orchestration.dagster.column_schemas import COLUMN_SCHEMA, identity_schema
from cdp_orchestration.dagster.home_resource import Home
from cdp_orchestration.dagster.sync_state import started_by
from cdp_orchestration.identity_stage.tables import count_rows
from cdp_orchestration.stages.admission import require_passed_records
from cdp_orchestration.stages.builds import read_builds
from cdp_orchestration.stages.planning import noted_resolution

_GRAINS = {
    "profile_assignments": "One row per person record: the profile that it belongs to, and why.",
    "match_edges": "One row per link between two person records, with its reason, weight and comparison levels.",
    "profile_events": "One row per identity event (created, merged, split, retired, kept), append only.",
    "profile_redirects": "One row per profile id that is no longer current, with the id that replaced it.",
    "shared_identifiers": "One row per identifier value that too many people share to be evidence.",
}

# The asset that shows the charts: each is a picture within an event
_CHARTED = "match_edges"


def identity_assets(manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    """Return the assets of the identity stage: one step, since its tables change together, whichever is chosen.

    Args:
        manifest: dbt's manifest, which holds the meanings of the columns.

    Returns:
        One definition with an asset a table.
    """
    specs = [_spec(table, grain, manifest) for table, grain in _GRAINS.items()]

    @dg.multi_asset(name="identity_tables", specs=specs, can_subset=True)
    def identity_tables(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult[None]]:
        # Imported when it runs: Splink takes a second to import.
        from cdp_orchestration.identity_stage.resolving import update_identity

        is_full = home.full_refresh
        with home.warehouse() as connection:
            require_passed_records(connection)
            with noted_resolution(
                connection,
                home.settings,
                run_id=context.run.run_id,
                started_by=started_by(context.run),
                is_full=is_full,
            ):
                metadata = update_identity(
                    connection,
                    home.settings,
                    context.run.run_id,
                    train=is_full,
                    charts_in=home.settings.reports / "identity",
                )
            counts = count_rows(connection)
            state = dg.DataVersion(read_builds(connection)["identity"].state)
        charts = {name: dg.MetadataValue.md(picture) for name, picture in metadata.pop("charts").items()}
        for table in _GRAINS:
            if dg.AssetKey(["identity", table]) not in context.selected_asset_keys:
                continue
            pictures = charts if table == _CHARTED else {}
            yield dg.MaterializeResult(
                asset_key=["identity", table],
                metadata={"dagster/row_count": counts[table], **metadata, **pictures},
                data_version=state,
            )

    return identity_tables


def _spec(table: str, grain: str, manifest: Mapping[str, Any]) -> dg.AssetSpec:
    return dg.AssetSpec(
        ["identity", table],
        deps=[["staging", "person_records"]],
        description=grain,
        group_name="identity",
        kinds={"python", "splink", "duckdb"},
        owners=["team:data-engineering"],
        metadata={COLUMN_SCHEMA: identity_schema(manifest, table)},
    )
