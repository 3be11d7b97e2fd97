"""The columns of assets as Dagster shows them: name, type and meaning, read from where they are declared."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dagster as dg
import duckdb

from cdp_orchestration.landing.raw_rows import CORRECTED_TIMES, EXTRA, SOURCE_LINE, landed_types
from cdp_orchestration.sources import Stream
from identity import OUTPUT_SCHEMAS

COLUMN_SCHEMA = "dagster/column_schema"
COLUMN_LINEAGE = "dagster/column_lineage"
_LANDING_COLUMNS = {
    "_batch_id": "The batch that the row landed in: one version of one file.",
    "_loaded_at": "When the batch landed, UTC.",
    "_source_file": "The delivered file, relative to the folder of the stream in the inbox.",
    SOURCE_LINE: "The line of the row in the file.",
    "_row_hash": "The hash of the delivered values of the row.",
    CORRECTED_TIMES: "A JSON object of the times that come from a wrong clock: the rule by which each was corrected.",
    EXTRA: "A JSON object of the delivered columns that the stream does not declare; null if there are none.",
}
_RELEASE_COLUMNS = {
    "table": ("varchar", "The published table."),
    "file": ("varchar", "Its Parquet file within the folder of the release."),
    "rows": ("bigint", "How many rows it has."),
    "sha256": ("varchar", "The hash of the file; equal content has an equal hash."),
    "description": ("varchar", "What one row of the table is."),
    "columns": ("json", "Name, type, meaning and classification of each column."),
}


def landing_schema(manifest: Mapping[str, Any], stream: Stream) -> dg.TableSchema:
    """Return the columns of ``landing.<table>``: the fields of the stream, then those that landing adds."""
    meanings = _source_meanings(manifest, "landing", stream.table)
    return _schema(landed_types(stream), {**meanings, **_LANDING_COLUMNS})


def identity_schema(manifest: Mapping[str, Any], table: str) -> dg.TableSchema:
    """Return the columns of a table of the identity stage."""
    types = {field.name: str(field.type) for field in OUTPUT_SCHEMAS[table]}
    return _schema(types, _source_meanings(manifest, "identity", table))


def release_schema() -> dg.TableSchema:
    """Return the columns of a release's manifest: one row per published table."""
    types = {name: kind for name, (kind, _) in _RELEASE_COLUMNS.items()}
    return _schema(types, {name: meaning for name, (_, meaning) in _RELEASE_COLUMNS.items()})


def built_schema(connection: duckdb.DuckDBPyConnection, node: Mapping[str, Any]) -> dg.TableSchema:
    """Return the columns of a built dbt model, with the types in the warehouse and the declared meanings.

    Args:
        connection: the warehouse.
        node: the model in dbt's manifest; its table exists.

    Returns:
        The columns in the order of the table.
    """
    described = connection.execute(f"describe {node['schema']}.{node['name']}").fetchall()
    return _schema({row[0]: str(row[1]).lower() for row in described}, _meanings(node["columns"].values()))


def built_lineage(lineage: Mapping[str, Sequence[str]]) -> dg.TableColumnLineage:
    """Return the columns (``schema.table.column``) that each column of a table is computed from, as Dagster shows them.

    Args:
        lineage: those columns, by column.

    Returns:
        The lineage; the asset of a column is the table that holds it.
    """
    return dg.TableColumnLineage(
        {column: [_dependency(each) for each in origins] for column, origins in lineage.items()}
    )


def _dependency(origin: str) -> dg.TableColumnDep:
    schema, table, column = origin.split(".", 2)  # a vendor's column may have a dot in its name
    return dg.TableColumnDep(asset_key=dg.AssetKey([schema, table]), column_name=column)


def _source_meanings(manifest: Mapping[str, Any], source: str, table: str) -> dict[str, str]:
    sources = manifest["sources"].values()
    node = next((each for each in sources if (each["source_name"], each["name"]) == (source, table)), None)
    return {} if node is None else _meanings(node["columns"].values())


def _meanings(columns: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {column["name"]: column["description"] for column in columns}


def _schema(types: Mapping[str, str], meanings: Mapping[str, str]) -> dg.TableSchema:
    return dg.TableSchema([dg.TableColumn(name, kind, meanings.get(name) or None) for name, kind in types.items()])
