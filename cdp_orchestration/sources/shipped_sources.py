"""The declarations of the sources that ship, and what a home may say of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cdp_orchestration.errors import DeclarationError
from cdp_orchestration.sources.reading import place_in, plain_values

SHIPPED_DIR = Path(__file__).parent
# What a home's own declaration may say of a stream that ships: its models are written for the rest as it stands.
CHANGEABLE = frozenset({"vendor", "renames", "values", "fields", "files", "from", "freshness", "schema_contract"})
# And of a field of such a stream: how the vendor writes it.
CHANGEABLE_OF_FIELD = frozenset({"format", "time_zone", "time_in", "decimal", "divided_by"})


def shipped_values(path: Path) -> dict[str, Any]:
    """Return a declaration that ships, with each field as a mapping: a home may add how its vendor writes it."""
    shipped = plain_values(path)
    streams = {
        name: {
            **stream,
            "fields": {
                field: {"kind": said} if isinstance(said, str) else said for field, said in stream["fields"].items()
            },
        }
        for name, stream in shipped["streams"].items()
    }
    return {**shipped, "streams": streams}


def check_changes(path: Path, shipped: Mapping[str, Any]) -> None:
    """Refuse what a home may not change of a source that ships.

    Args:
        path: the home's declaration of that source.
        shipped: the declaration that ships, as plain values.

    Raises:
        DeclarationError: it changes a part of a shipped stream that the models need as it is.
    """
    for name, stream in streams_of(path).items():
        former = shipped["streams"].get(name)
        if former is None or not isinstance(stream, Mapping):
            continue
        fixed = sorted(set(stream) - CHANGEABLE)
        known = [name for name, said in _fields_of(stream).items() if name in former["fields"] and not _is_form(said)]
        if fixed or known:
            what = ", ".join([*fixed, *(f"fields.{field}" for field in sorted(known))])
            place = ["streams", name, *(fixed[:1] or ["fields", *known[:1]])]
            raise DeclarationError(
                f"{place_in(path, place)}: streams.{name} changes {what} of a stream that ships, whose models need it "
                f"as it is. A home may say {', '.join(sorted(CHANGEABLE))} there: rename the vendor's fields to the "
                f"declared ones, say {', '.join(sorted(CHANGEABLE_OF_FIELD))} of one, add fields, or declare a stream "
                "with another name."
            )


def _is_form(said: object) -> bool:
    """Return whether a home says of a field only how its values are written."""
    return isinstance(said, Mapping) and set(said) <= CHANGEABLE_OF_FIELD


def _fields_of(stream: Mapping[str, Any]) -> Mapping[str, Any]:
    fields = stream.get("fields")
    return fields if isinstance(fields, Mapping) else {}


def streams_of(path: Path) -> Mapping[str, Any]:
    """Return the streams of a file, unchecked; nothing where it has none, which the check of the whole says."""
    found = plain_values(path).get("streams")
    return found if isinstance(found, Mapping) else {}
