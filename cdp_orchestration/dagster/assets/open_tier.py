"""The open tier: the live release once more, without names, addresses and ids, where the home declares it."""

import time
from typing import Any

import dagster as dg

from cdp_orchestration.dagster.assets.release import OWNERS
from cdp_orchestration.dagster.column_schemas import COLUMN_SCHEMA, release_schema
from cdp_orchestration.dagster.home_resource import Home
from cdp_orchestration.open_tier.following import follow_live_release


def open_tier_asset() -> dg.AssetsDefinition:
    """Return the asset that follows the live release."""

    @dg.asset(
        key=["release", "open_tier"],
        deps=[dg.AssetKey(["release", "live"])],
        group_name="release",
        kinds={"python", "parquet"},
        owners=OWNERS,
        metadata={COLUMN_SCHEMA: release_schema()},
        description="One row per table of the open tier: the live release with keyed hashes in place of ids, coarse "
        "places, times and ages, and no names. Written where open_tier.yml of the home declares it.",
    )
    def open_tier(home: Home) -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(metadata=_follow(home))

    return open_tier


def _follow(home: Home) -> dict[str, Any]:
    started = time.monotonic()
    followed = follow_live_release(home.settings)
    if followed.release is None:
        return {"is_declared": False, "dagster/row_count": 0}
    manifest = followed.release.manifest
    return {
        "is_declared": True,
        "release_id": followed.release.release_id,
        "is_new": followed.is_new,
        "path": dg.MetadataValue.path(str(followed.release.folder)),
        "k": manifest["k"],
        "dagster/row_count": len(manifest["tables"]),
        "published_rows": sum(entry["rows"] for entry in manifest["tables"].values()),
        "seconds": round(time.monotonic() - started, 2),
    }
