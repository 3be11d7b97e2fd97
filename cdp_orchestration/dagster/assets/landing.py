"""Landing: the delivered files as immutable typed batches."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dagster as dg

from cdp_orchestration.dagster.column_schemas import COLUMN_SCHEMA, landing_schema
from cdp_orchestration.dagster.home_resource import Home
from cdp_orchestration.landing import FetchOutcome, LandedStream, land_stream, stream_states
from cdp_orchestration.landing.refusals import MESSAGES
from cdp_orchestration.sources import Stream, declared_streams


def landing_assets(manifest: Mapping[str, Any]) -> Sequence[dg.AssetsDefinition]:
    """Return one asset a stream; dbt's manifest holds the meanings of the columns."""
    return [_landing_asset(stream, manifest) for stream in declared_streams()]


def _landing_asset(stream: Stream, manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    versions = f"newest by `{stream.cursor}`" if stream.cursor else "newest by file"

    @dg.asset(
        key=["landing", stream.table],
        group_name="landing",
        kinds={"python", "parquet"},
        owners=[stream.owner],
        tags={"source": stream.source},
        op_tags={"dagster/priority": _priority(stream)},
        metadata={COLUMN_SCHEMA: landing_schema(manifest, stream)},
        description=(
            f"One row per delivered version of a {stream.vendor_shape} "
            f"(key `{', '.join(stream.key)}`, {versions}), from `inbox/{stream.source}/{stream.name}/`."
        ),
    )
    def landed(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult[None]:
        is_chosen = home.lands(stream.source)
        fetched = home.fetch(stream, context.run) if is_chosen else None
        if fetched and fetched.problem:
            context.log.error(f"{stream.source}/{stream.name} was not fetched to its end: {fetched.problem}")
        found = land_stream(stream, home.settings, is_chosen=is_chosen)
        with home.warehouse() as connection:
            state = stream_states(connection)[stream.table]
            rows = connection.execute(f"select count(*) from landing.{stream.table}").fetchall()[0][0]
        # Dagster shows what was built from another state as unsynced
        metadata = {**_metadata(found, rows, home), **_fetch_metadata(fetched)}
        return dg.MaterializeResult(metadata=metadata, data_version=dg.DataVersion(state))

    return landed


def _priority(stream: Stream) -> str:
    # Who is an erased person under a new id is known before the facts of that id land and pass their gates
    return "1" if stream.personal_data and stream.personal_data.are_people else "0"


def _fetch_metadata(fetched: FetchOutcome | None) -> dict[str, dg.MetadataValue]:
    if fetched is None:
        return {}
    return {
        **({} if fetched.row_count is None else {"rows_fetched": dg.MetadataValue.int(fetched.row_count)}),
        "files_fetched": dg.MetadataValue.int(fetched.file_count),
        "fetch_problem": dg.MetadataValue.text(fetched.problem or "none"),
    }


def _metadata(landed: LandedStream, rows: int, home: Home) -> dict[str, dg.MetadataValue]:
    return {
        "dagster/row_count": dg.MetadataValue.int(rows),
        "files_landed": dg.MetadataValue.int(landed.files_landed),
        "files_refused": dg.MetadataValue.int(landed.files_refused),
        "rows_landed": dg.MetadataValue.int(landed.rows_landed),
        "rows_refused": dg.MetadataValue.int(landed.rows_refused),
        "values_refused": dg.MetadataValue.int(landed.values_refused),
        "rows_filled": dg.MetadataValue.int(landed.rows_filled),
        "new_keys": dg.MetadataValue.int(landed.keys.new),
        "changed_keys": dg.MetadataValue.int(landed.keys.changed),
        "unchanged_keys": dg.MetadataValue.int(landed.keys.unchanged),
        "duplicate_key_rows": dg.MetadataValue.int(landed.duplicate_key_rows),
        "refused_files": dg.MetadataValue.md(refused_files_page(landed.refused_files)),
        "refused_by_reason": dg.MetadataValue.md(refused_by_reason_page(landed.refused_by_reason)),
        "quarantine": dg.MetadataValue.path(str(home.settings.quarantine / landed.stream.source / landed.stream.name)),
        "read_the_quarantine": dg.MetadataValue.text(_quarantine_query(landed.stream)),
        "undeclared_columns": dg.MetadataValue.json(sorted(landed.undeclared_columns)),
        "left_out_columns": dg.MetadataValue.json(sorted(landed.left_out_columns)),
        "missing_columns": dg.MetadataValue.json(
            {file: list(missing) for file, (_, missing) in sorted(landed.unread_columns.items())}
        ),
        "seconds": dg.MetadataValue.float(round(landed.seconds, 2)),
    }


def refused_by_reason_page(counts: Mapping[str, int]) -> str:
    """Return a Markdown table with one row per reason of refusal, the most frequent first."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return _table(("reason", "count", "meaning"), ((name, f"{count:,}", MESSAGES[name]) for name, count in ranked))


def refused_files_page(files: Iterable[tuple[str, str]]) -> str:
    """Return a Markdown table with one row per refused file of the inbox."""
    return _table(("file", "reason", "meaning"), ((_code(file), reason, MESSAGES[reason]) for file, reason in files))


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    body = [f"| {' | '.join(row)} |" for row in rows]
    if not body:
        return "none"
    return "\n".join([f"| {' | '.join(header)} |", f"|{' --- |' * len(header)}", *body])


def _code(name: str) -> str:
    # A source chooses the names of its files: no character of them may become markup or end the cell.
    return (
        "`"
        + "".join(each if each.isprintable() and each not in "`|" else "\N{REPLACEMENT CHARACTER}" for each in name)
        + "`"
    )


def _quarantine_query(stream: Stream) -> str:
    return (
        "select source_file, source_line, field, reason from operations.quarantined "
        f"where source = '{stream.source}' and stream = '{stream.name}'"
    )
