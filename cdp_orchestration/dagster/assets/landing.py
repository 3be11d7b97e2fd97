"""Landing: the delivered files as immutable typed batches."""

from collections.abc import Sequence

import dagster as dg

from cdp_orchestration.dagster.home_resource import Home
from cdp_orchestration.landing import LandedStream, land_stream
from cdp_orchestration.streams import STREAMS, Stream


def landing_assets() -> Sequence[dg.AssetsDefinition]:
    """Return one asset a stream."""
    return [_landing_asset(stream) for stream in STREAMS]


def _landing_asset(stream: Stream) -> dg.AssetsDefinition:
    versions = f"newest by `{stream.cursor}`" if stream.cursor else "newest by file"

    @dg.asset(
        key=["landing", stream.table],
        group_name="landing",
        kinds={"python", "parquet"},
        owners=["team:data-engineering"],
        description=(
            f"One row per delivered version of a {stream.vendor_shape} "
            f"(key `{', '.join(stream.key)}`, {versions}), from `inbox/{stream.source}/{stream.name}/`."
        ),
    )
    def landed(home: Home) -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(metadata=_metadata(land_stream(stream, home.settings), home))

    return landed


def _metadata(landed: LandedStream, home: Home) -> dict[str, dg.MetadataValue]:
    with home.warehouse() as connection:
        rows = connection.execute(f"select count(*) from landing.{landed.stream.table}").fetchall()[0][0]
    return {
        "dagster/row_count": dg.MetadataValue.int(rows),
        "files_landed": dg.MetadataValue.int(landed.files_landed),
        "files_refused": dg.MetadataValue.int(landed.files_refused),
        "rows_landed": dg.MetadataValue.int(landed.rows_landed),
        "rows_refused": dg.MetadataValue.int(landed.rows_refused),
        "values_refused": dg.MetadataValue.int(landed.values_refused),
        "duplicate_key_rows": dg.MetadataValue.int(landed.duplicate_key_rows),
        "refused_files": dg.MetadataValue.json(dict(landed.refused_files)),
        "refused_by_reason": dg.MetadataValue.json(dict(landed.refused_by_reason)),
        "undeclared_columns": dg.MetadataValue.json(sorted(landed.undeclared_columns)),
        "seconds": dg.MetadataValue.float(landed.seconds),
    }
