"""The tables of a release, read from the contracts and key tests of the dbt models."""

from collections.abc import Mapping
from typing import Any

from cdp_orchestration.dbt.project import growing_models, published_models
from cdp_orchestration.dbt.row_keys import row_key
from cdp_orchestration.release.bundle import PublishedTable, published_table


def published_tables(manifest: Mapping[str, Any]) -> dict[str, PublishedTable]:
    """Return all tables of a release by name, in order of name."""
    models = published_models(manifest).items()
    return {name: published_table(name, node, row_key(manifest, node)) for name, node in models}


def growing_tables(manifest: Mapping[str, Any]) -> dict[str, PublishedTable]:
    """Return those of them that hold data stored nowhere else, by name."""
    growing = growing_models(manifest)
    return {name: table for name, table in published_tables(manifest).items() if name in growing}
