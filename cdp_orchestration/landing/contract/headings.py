"""Which declared field a delivered heading means, where its case, blanks or underscores differ."""

import functools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NoReturn

from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.refusals import FileRefusedError
from cdp_orchestration.sources import Stream

MAX_LISTED_CHARACTERS = 2000
_SIGNS_OF_ADMIN_EXPORT = frozenset({"lineitemname", "acceptsemailmarketing", "acceptsmarketing", "financialstatus"})
# Marks of byte order or direction, joiners: what programs put before or into a heading unseen.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


def declared_names(delivered: Iterable[str], stream: Stream) -> dict[str, str]:
    """Return for each delivered heading the field that it means, or itself.

    Args:
        delivered: the headings of a file, or the members of one JSON object.
        stream: the stream that declares the fields.

    Returns:
        The name of a declared field for a heading that the stream renames to it, or that differs from it in case,
        blanks, hyphens or underscores only, unless the field's own name is delivered as well and means that field. Of
        several that are renamed to one field the first of ``renames`` counts.

    Raises:
        FileRefusedError: two headings mean one field, neither is its name, and no rename says which one counts.
    """
    names = list(delivered)
    fields = _fields_by_letters(stream)
    renamed_away = {_letters(vendor_name) for vendor_name, _ in stream.renames}
    taken = {name for name in names if _letters(name) not in renamed_away or fields[_letters(name)] == name}
    meant: dict[str, list[str]] = defaultdict(list)
    for name in names:
        field = fields.get(_letters(name))
        if field and field != name and field not in taken:
            meant[field].append(name)
    declared = {_letters(vendor_name): place for place, (vendor_name, _) in enumerate(stream.renames)}
    for field, variants in meant.items():
        variants.sort(key=lambda name: declared.get(_letters(name), len(declared)))
        places = {declared.get(_letters(name)) for name in variants}
        if (None in places and len(variants) > 1) or len(places) < len(variants):
            raise FileRefusedError(refusals.AMBIGUOUS_COLUMN, field, listed(names))
    renamed = {variants[0]: field for field, variants in meant.items()}
    return {name: renamed.get(name, name) for name in names}


def check_headings(names: Sequence[str], stream: Stream) -> list[str]:
    """Return the headings by the names of the declared fields.

    Args:
        names: the headings as delivered.
        stream: the stream that declares the fields.

    Returns:
        One name per heading, in their order.

    Raises:
        FileRefusedError: two headings are the same or mean the same, or a key or cursor is missing.
    """
    if len(set(names)) < len(names):
        raise FileRefusedError(refusals.DUPLICATE_COLUMN, found=listed(names))
    renamed = declared_names(names, stream)
    missing = [name for name in stream.required if name not in renamed.values()]
    if missing:
        refuse_missing_column(missing[0], names)
    return list(renamed.values())


def names_columns(row: Sequence[str], columns: Sequence[str], stream: Stream) -> bool:
    """Return whether the first row of a file whose columns are declared is a header all the same.

    Args:
        row: its values.
        columns: the declared columns.
        stream: the stream that declares the fields.

    Returns:
        True where all values are names of columns or all columns are named, in whatever order, or where the columns of
        the key have their own names for values: no row has these.
    """
    fields = _fields_by_letters(stream)
    found, declared = ([fields.get(_letters(name), _letters(name)) for name in names] for names in (row, columns))
    if not found or len(set(found)) < len(found):
        return False
    keys = [(name, value) for name, value in zip(declared, found, strict=False) if name in stream.key]
    is_key = bool(keys) and all(name == value for name, value in keys)
    return set(found) <= set(declared) or set(found) >= set(declared) or is_key


def refuse_missing_column(name: str, found: Sequence[str]) -> NoReturn:
    """Refuse a file without one of its key or cursor columns, and say which headings it has."""
    is_admin_export = len(_SIGNS_OF_ADMIN_EXPORT & {_letters(each) for each in found}) > 1
    reason = refusals.ADMIN_EXPORT if is_admin_export else refusals.MISSING_COLUMN
    raise FileRefusedError(reason, name, listed(found))


def same_heading(one: str, other: str) -> bool:
    """Return whether two headings differ in case, blanks, hyphens or underscores only."""
    return _letters(one) == _letters(other)


def listed(names: Iterable[str]) -> str:
    """Return the headings that were found, as one line for the quarantine."""
    return f"found: {', '.join(names)}"[:MAX_LISTED_CHARACTERS]


def _fields_by_letters(stream: Stream) -> dict[str, str]:
    """Return the declared fields by the letters of their names, and by those of the vendor's names for them."""
    fields = {_letters(field.name): field.name for field in stream.fields}
    return fields | {_letters(vendor_name): name for vendor_name, name in stream.renames}


@functools.lru_cache(maxsize=10_000)
def _letters(name: str) -> str:
    """Return a name without case, blanks, hyphens, underscores and the ending of Salesforce's own fields."""
    # One program writes a letter and its accent as one sign, another one as two.
    seen = _INVISIBLE.sub("", unicodedata.normalize("NFKC", name)).strip().casefold()
    return re.sub(r"[\s_\-]+", "", re.sub(r"__c$", "", seen))
