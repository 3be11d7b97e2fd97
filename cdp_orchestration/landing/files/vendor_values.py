"""What another vendor writes, as the declared fields have it: members of JSON fields put together, words exchanged.

A rename may lead into a JSON field, as ``customer_id: customer.id`` does. The readers see such a member as one more
field of text; here it goes into its document. Streams without either are read as they are.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from cdp_orchestration.landing.files.json_values import dumps, loads
from cdp_orchestration.landing.raw_rows import RawRows
from cdp_orchestration.sources import Field, Stream
from cdp_orchestration.sources.vendor_names import EACH

_Words = Mapping[str, str | None]


@dataclass(frozen=True)
class VendorNames:
    """What the readers are to look for, and how it becomes rows of the stream."""

    stream: Stream
    read: Stream
    members: dict[str, tuple[str, ...]]
    renamed_items: dict[str, dict[str, str]]
    words: Mapping[str, _Words]

    @property
    def is_anything_said(self) -> bool:
        """Whether rows differ from what the readers give."""
        return bool(self.members or self.renamed_items or self.words)


def vendor_names(stream: Stream) -> VendorNames:
    """Return what a stream says of the names and words of its vendor."""
    fields = {field.name for field in stream.fields}
    words = {path: {word.strip().casefold(): meant for word, meant in said} for path, said in stream.values}
    items: dict[str, dict[str, str]] = {}
    renames: list[tuple[str, str]] = []
    for vendor_name, path in stream.renames:
        field, _, member = path.partition(f".{EACH}.")
        if path not in fields and member:
            items.setdefault(field, {})[vendor_name.rpartition(".")[2]] = member
        else:
            renames.append((vendor_name, path))
    # A word of a member that no rename leads to is looked for where the member is
    renames += [(path, path) for path in words if path not in fields and path not in {each for _, each in renames}]
    members = {path: tuple(path.split(".")) for _, path in renames if path not in fields}
    sought = tuple(Field(path, "text") for path in members)
    read = replace(stream, renames=tuple(renames), fields=(*stream.fields, *sought)) if members else stream
    return VendorNames(stream, read, members, items, words)


def as_declared(rows: Iterable[RawRows], names: VendorNames) -> Iterator[RawRows]:
    """Yield rows as the stream declares them.

    Args:
        rows: what the readers give of ``names.read``.
        names: what the vendor calls fields and values.
    """
    for raw in rows:
        table = raw.table
        for path, words in names.words.items():
            table = table.set_column(table.column_names.index(path), path, _exchanged(table[path], words))
        for field in dict.fromkeys([*(path[0] for path in names.members.values()), *names.renamed_items]):
            column = _documents(table, field, names)
            table = table.set_column(table.column_names.index(field), field, column)
        kept = [name for name in table.column_names if name not in names.members]
        given = {names.members[path][0] for path in names.members.keys() - raw.missing}
        missing = raw.missing - names.members.keys() - given
        yield replace(raw, table=table.select(kept), missing=missing, is_looked_through=False)


def _exchanged(column: pa.ChunkedArray, words: _Words) -> pa.ChunkedArray:
    """Return texts in which each of the vendor's words is the one that is meant."""
    coded = column.combine_chunks().dictionary_encode()
    meant = [_meant(text, words) for text in coded.dictionary.to_pylist()]
    return pa.chunked_array([pa.array(meant, pa.string()).take(coded.indices)])


def _meant(text: str, words: _Words) -> str | None:
    return words.get(text.strip().casefold(), text)


def _documents(table: pa.Table, field: str, names: VendorNames) -> pa.Array:
    """Return the documents of a field with the members that stand beside it, and its items by their declared names."""
    members = {path: steps[1:] for path, steps in names.members.items() if steps[0] == field}
    columns = [table[path].to_pylist() for path in members]
    documents = table[field].to_pylist()
    items = names.renamed_items.get(field, {})
    found = []
    for index, text in enumerate(documents):
        values = [(steps, column[index]) for steps, column in zip(members.values(), columns, strict=True)]
        found.append(_document(text, [(steps, value) for steps, value in values if value is not None], items))
    return pa.array(found, pa.string())


def _document(text: str | None, values: Sequence[tuple[tuple[str, ...], str]], items: Mapping[str, str]) -> str | None:
    if not values and not items:
        return text
    document = _parsed(text)
    if values and not isinstance(document, dict):
        document = {}
    for steps, value in values:
        _put(document, steps, value)
    if isinstance(document, list):
        document = [_renamed(item, items) for item in document]
    return text if document is None else dumps(document).decode()


def _parsed(text: str | None) -> Any:
    """Return a document; None of a text that is none, which the contract refuses."""
    try:
        return loads(text.encode(), exactly=True) if text else None
    except (ValueError, RecursionError):
        return None


def _put(document: dict[str, Any], steps: Sequence[str], value: str) -> None:
    for step in steps[:-1]:
        inner = document.get(step)
        document[step] = inner if isinstance(inner, dict) else {}
        document = document[step]
    document[steps[-1]] = value


def _renamed(item: Any, names: Mapping[str, str]) -> Any:
    if not isinstance(item, dict):
        return item
    return {names[name] if name in names and names[name] not in item else name: value for name, value in item.items()}
