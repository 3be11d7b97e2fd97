"""What another vendor calls fields and values: where a rename may lead, and which words stand for which."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from cdp_orchestration.sources.field_declaration import FieldDeclaration
from cdp_orchestration.sources.mappings import PlacedError, PlainText

EACH = "*"
"""In a path into a JSON field: each item of a list."""
_DOCUMENTS = {"json_object": False, "json_objects": True}  # the kinds that have members, and whether these are of items


def _as_texts(value: Any) -> Any:
    """Return words as texts: YAML has numbers and truth values where a file has their letters."""
    if not isinstance(value, dict):
        return value
    return {word: str(meant).lower() if isinstance(meant, bool | int) else meant for word, meant in value.items()}


Words = Annotated[
    dict[PlainText, PlainText | None],
    BeforeValidator(_as_texts, json_schema_input_type=dict[str, PlainText | bool | int | None]),
    Field(min_length=1),
]
"""The vendor's words for the values of a field, and the one that is meant; null for a word that says nothing."""


def field_of_path(path: str, fields: Mapping[str, object]) -> str:
    """Return the field that a path such as ``customer.id`` leads into; a path that is a field's name is that field."""
    return path if path in fields else path.partition(".")[0]


def member_of(path: str, fields: Mapping[str, object]) -> tuple[str, ...]:
    """Return the names that lead from the field of a path to the member of it; empty for the field itself."""
    return () if path in fields else tuple(path.split(".")[1:])


def check_vendor_names(
    fields: Mapping[str, FieldDeclaration], renames: Mapping[str, str], values: Mapping[str, Mapping[str, str | None]]
) -> None:
    """Refuse renames and words that lead nowhere.

    Args:
        fields: the fields of the stream.
        renames: names of the vendor, and the field or member that each means.
        values: words of the vendor by field or member.

    Raises:
        PlacedError: a path leads into a field that holds no object, or a word stands for one that stands for another.
    """
    for place, path in _paths(renames, values):
        field = field_of_path(path, fields)
        if field not in fields:
            raise PlacedError(f"found {path}; expected one of the declared fields, {', '.join(fields)}", *place)
        _check_member(path, fields, place)
    for vendor_name, path in renames.items():
        if EACH in path.split(".") and _list_of(vendor_name, renames) != field_of_path(path, fields):
            raise PlacedError(
                f"found {path} for {vendor_name}; expected both to name members of one list, as in "
                "`line_items.*.name: line_items.*.title`",
                "renames",
                vendor_name,
            )
    for path, words in values.items():
        letters = {word.casefold(): word for word in words}
        for word, meant in words.items():
            if meant and meant.casefold() != word.casefold() and letters.get(meant.casefold()):
                raise PlacedError(
                    f"{word} stands for {meant}, which stands for another word; expected the last one at once",
                    *("values", path, word),
                )


def _list_of(vendor_name: str, renames: Mapping[str, str]) -> str | None:
    """Return the field in whose items a vendor's name such as ``items.*.name`` leads."""
    parts = vendor_name.split(".")
    is_member = len(parts) == 3 and parts[1] == EACH
    return renames.get(parts[0], parts[0]) if is_member else None


def _paths(
    renames: Mapping[str, str], values: Mapping[str, Mapping[str, str | None]]
) -> Iterator[tuple[tuple[str, str], str]]:
    yield from ((("renames", vendor_name), path) for vendor_name, path in renames.items())
    yield from ((("values", path), path) for path in values)


def _check_member(path: str, fields: Mapping[str, FieldDeclaration], place: tuple[str, str]) -> None:
    member = member_of(path, fields)
    if not member:
        return
    field = field_of_path(path, fields)
    kind = fields[field].kind
    if kind not in _DOCUMENTS:
        raise PlacedError(f"{path} leads into {field}, of kind {kind}; expected a field of kind json_object", *place)
    is_of_items = len(member) == 2 and member[0] == EACH and EACH not in member[1]
    if not all(member) or (is_of_items if not _DOCUMENTS[kind] else not is_of_items or place[0] == "values"):
        expected = f"{field}.*.<name> in renames" if _DOCUMENTS[kind] else f"{field}.<name>"
        raise PlacedError(f"found {path}; expected {expected}", *place)
