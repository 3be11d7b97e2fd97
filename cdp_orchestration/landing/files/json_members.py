"""Which declared fields the members of a JSON object mean."""

from collections import Counter
from collections.abc import Callable, Container, Sequence
from functools import partial
from typing import Any

from cdp_orchestration.landing.contract.headings import declared_names
from cdp_orchestration.landing.files.json_values import loads_as_written
from cdp_orchestration.sources import Stream


def rename_members(rows: list[dict[str, Any]], stream: Stream) -> None:
    """Give the members that mean a declared field its name, row by row: each line may name its members otherwise."""
    declared = {field.name for field in stream.fields}
    lift = lifting(stream)
    several = _names_of_one_field(stream)
    as_named = declared - {vendor_name for vendor_name, _ in stream.renames}
    known: dict[tuple[str, ...], dict[str, str]] = {}
    for row in rows:
        lift(row)
        for name in several & row.keys():
            if row[name] is None:
                del row[name]
        if row.keys() <= as_named:
            continue
        names = tuple(row)
        if names not in known:
            known[names] = {old: new for old, new in declared_names(names, stream).items() if old != new}
        # All are taken out before one is put in: two may change places
        row.update([(new, row.pop(old)) for old, new in known[names].items()])


def lifting(stream: Stream) -> Callable[[dict[str, Any]], None]:
    """Return what moves the members of objects inside a row that mean a field to the row itself.

    Args:
        stream: the stream, in whose renames the first counts of several that mean one field.

    Returns:
        A function of a row: objects by the vendor's names of them, and values by field. What a row fills stays.
    """
    return partial(_lift, _nested(stream), {field.name for field in stream.fields})


def _nested(stream: Stream) -> list[tuple[list[str], str]]:
    return [(vendor_name.split("."), name) for vendor_name, name in stream.renames if "." in vendor_name]


def _lift(nested: Sequence[tuple[Sequence[str], str]], declared: Container[str], row: dict[str, Any]) -> None:
    for path, name in nested:
        _lift_member(row, path, name, declared)


def _names_of_one_field(stream: Stream) -> set[str]:
    """Return the names of the vendor of which several mean one field: of these the first that a row fills counts."""
    counts = Counter(field for _, field in stream.renames)
    return {vendor_name for vendor_name, field in stream.renames if counts[field] > 1}


def _lift_member(row: dict[str, Any], path: Sequence[str], field_name: str, declared: Container[str]) -> None:
    """Move a member of an object inside the row to the row itself, where the row has no such field."""
    holders = [row]
    for name in path[:-1]:
        inner = _opened(holders[-1], name)
        if not isinstance(inner, dict):
            break
        holders.append(inner)
    is_there = len(holders) == len(path) and path[-1] in holders[-1]
    if is_there and row.get(field_name) is None:
        row[field_name] = holders[-1].pop(path[-1])
    # What holds nothing more, or is null where the row lacks the object, is no column of its own
    for depth in reversed(range(min(len(holders), len(path) - 1))):
        name = path[depth]
        if name in holders[depth] and not (depth == 0 and name in declared) and holders[depth][name] in (None, {}):
            del holders[depth][name]


def _opened(holder: dict[str, Any], name: str) -> Any:
    """Return a member; an object that a database holds as a text, and gives as one, is an object from here on."""
    inner = holder.get(name)
    if not isinstance(inner, str) or not inner.lstrip().startswith("{"):
        return inner
    try:
        document = loads_as_written(inner)
    except (ValueError, RecursionError):
        return inner
    holder[name] = document
    return document
