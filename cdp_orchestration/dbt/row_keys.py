"""Which columns identify a row of a model, and which of them may be shown.

A key that a source or the platform gave to a record may be shown in an error; an e-mail, a name or a text that
happens to be a model's key may not.
"""

from collections.abc import Mapping
from typing import Any

Node = Mapping[str, Any]

_KEY_TESTS = ("primary_key", "unique_combination")
_HIDDEN = ("identifying", "sensitive")


def shown_key(manifest: Node, model: Node) -> tuple[str, ...]:
    """Return those columns of a model's key that may be shown, in the order of its key test.

    Args:
        manifest: the project's manifest.
        model: a model, seed or source of it.

    Returns:
        Names of columns; none if the model has no tested key or its key is personal throughout.
    """
    return tuple(column for column in row_key(manifest, model) if may_be_shown(model, column))


def may_be_shown(model: Node, column: str) -> bool:
    """Return whether a column's values may stand in an error: ids, and what is declared or known as not personal."""
    declared = model["columns"].get(column, {}).get("config", {}).get("meta", {}).get("classification")
    if declared in _HIDDEN:
        return False
    # A seed is the project's own configuration: it holds no customer.
    return declared == "none" or model["resource_type"] == "seed" or column.endswith(("_id", "_ids"))


def row_key(manifest: Node, model: Node) -> tuple[str, ...]:
    """Return the columns that its key test says are unique together, in the order of the test; none without one."""
    for node in manifest["nodes"].values():
        about = node.get("test_metadata") or {}
        if node.get("attached_node") == model["unique_id"] and about.get("name") in _KEY_TESTS:
            arguments = about["kwargs"]
            return tuple(arguments.get("columns") or [arguments["column_name"]])
    return ()
