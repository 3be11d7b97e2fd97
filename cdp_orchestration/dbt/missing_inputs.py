"""Which tables a build would read that are not there yet, such as when one model is built in a new home."""

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from cdp_orchestration.errors import MissingInputsError
from expectations import listed_keys


def require_inputs(
    connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any], chosen: Iterable[Mapping[str, Any]]
) -> None:
    """Make sure that every table is there which these models read and which is not one of them.

    Args:
        connection: the warehouse.
        manifest: the project's manifest.
        chosen: the models and seeds that are built together.

    Raises:
        MissingInputsError: some are not there; the message names them and what to materialize.
    """
    built = {node["unique_id"] for node in chosen}
    read = {parent for node in chosen for parent in node["depends_on"].get("nodes", ())} - built
    relations = {f"{_node(manifest, parent)['schema']}.{_node(manifest, parent)['name']}" for parent in read}
    found = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() "
        "union all select schema_name || '.' || view_name from duckdb_views()"
    ).fetchall()
    missing = sorted(relations - {relation for (relation,) in found})
    if missing:
        keys = [relation.replace(".", "/") for relation in missing]
        raise MissingInputsError(
            f"{listed_keys(sorted(node['name'] for node in chosen))}: the tables that are read are not there: "
            f"{listed_keys(missing)}; materialize {listed_keys(keys)} first, or run `cdp sync`"
        )


def _node(manifest: Mapping[str, Any], unique_id: str) -> Mapping[str, Any]:
    node: Mapping[str, Any] = manifest["sources"].get(unique_id) or manifest["nodes"][unique_id]
    return node
