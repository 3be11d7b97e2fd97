"""Destinations: the live release, published outside the home; an asset for each that the home declares."""

import time
from typing import Any

import dagster as dg

from cdp_orchestration.destinations import (
    Destination,
    PassingDestinationError,
    Sent,
    destinations_file,
    publish_to,
    read_destinations,
)
from cdp_orchestration.errors import CdpError, DeclarationError
from cdp_orchestration.home.permissions import keep_new_files_closed
from cdp_orchestration.home.settings import Settings

GROUP = "destinations"
_SECONDS_BEFORE_RETRY = 5
_KINDS = {"postgres": {"python", "postgres"}, "files": {"python", "parquet"}, "delta": {"python", "deltalake"}}


def destination_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Return an asset a declared destination; none where the file cannot be read, which is a finding and stops no sync.

    Args:
        settings: the home.
    """
    try:
        declared = read_destinations(settings)
    except DeclarationError:
        return []
    return [_asset(name, each, settings) for name, each in declared.items()]


def destination_key(name: str) -> dg.AssetKey:
    """Return the key of a destination's asset."""
    return dg.AssetKey([GROUP, name])


def _asset(name: str, declared: Destination, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=destination_key(name),
        deps=[["release", "live"]],
        group_name=GROUP,
        kinds=_KINDS[declared.kind],
        owners=["team:data-engineering"],
        retry_policy=dg.RetryPolicy(
            max_retries=declared.retries, delay=_SECONDS_BEFORE_RETRY, backoff=dg.Backoff.EXPONENTIAL
        ),
        description=(
            f"One row per published table: the live release at {declared.place}. It shows one release as a whole; "
            f"where it cannot be reached it shows what it did. Declared in `{destinations_file(settings).name}`."
        ),
    )
    def published() -> dg.MaterializeResult[None]:
        keep_new_files_closed()
        return _publish(Settings.from_environment(), name)

    return published


def _publish(settings: Settings, name: str) -> dg.MaterializeResult[None]:
    """Publish.

    Returns:
        What was sent.

    Raises:
        Failure: the destination shows what it did; what no retry can mend is tried once.
    """
    started = time.monotonic()
    try:
        sent = publish_to(settings, name)
    except CdpError as error:
        raise dg.Failure(str(error), allow_retries=isinstance(error, PassingDestinationError)) from None
    return dg.MaterializeResult(
        metadata=_metadata(sent, round(time.monotonic() - started, 2)), data_version=dg.DataVersion(sent.release_id)
    )


def _metadata(sent: Sent, seconds: float) -> dict[str, Any]:
    return {
        "release_id": sent.release_id,
        "is_new": sent.is_new,
        "dagster/row_count": sent.table_count,
        "published_rows": sent.row_count,
        "sent_tables": len(sent.sent_tables),
        "sent_bytes": sent.sent_bytes,
        "removed_releases": list(sent.removed),
        "releases_in_use": list(sent.in_use),
        "seconds": seconds,
    }
