"""Which declared fields the members of a JSON object mean."""

from collections.abc import Sequence
from typing import Any

from cdp_orchestration.landing.headings import declared_names
from cdp_orchestration.sources import Stream


def rename_members(rows: list[dict[str, Any]], stream: Stream) -> None:
    """Give the members that mean a declared field its name, row by row: each line may name its members otherwise."""
    declared = {field.name for field in stream.fields}
    nested = [(vendor_name.split("."), name) for vendor_name, name in stream.renames if "." in vendor_name]
    known: dict[tuple[str, ...], dict[str, str]] = {}
    for row in rows:
        for path, name in nested:
            _lift_member(row, path, name)
        if row.keys() <= declared:
            continue
        names = tuple(row)
        if names not in known:
            known[names] = {old: new for old, new in declared_names(names, stream).items() if old != new}
        for old, new in known[names].items():
            row[new] = row.pop(old)


def _lift_member(row: dict[str, Any], path: Sequence[str], field_name: str) -> None:
    """Move a member of an object inside the row to the row itself, where the row has no such field."""
    holders = [row]
    for name in path[:-1]:
        inner = holders[-1].get(name)
        if not isinstance(inner, dict):
            return
        holders.append(inner)
    if path[-1] not in holders[-1] or field_name in row:
        return
    row[field_name] = holders[-1].pop(path[-1])
    for holder, member in zip(reversed(holders[:-1]), reversed(path[:-1]), strict=True):
        if not holder[member]:
            del holder[member]
