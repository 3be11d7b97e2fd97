"""Members of JSON documents that stand in one column of a table, as raw tables of Airbyte have them.

A rename such as ``_airbyte_data.email: email`` takes a member out of the objects of a JSON file while they are read. Of
CSV, Parquet, workbooks and tables of databases the column comes as text; here its documents are read, so that the same
rows land.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from cdp_orchestration.landing.contract.headings import refuse_missing_column, same_heading
from cdp_orchestration.landing.files.json_members import lifting
from cdp_orchestration.landing.files.json_values import as_text, dumps, loads_as_written
from cdp_orchestration.landing.raw_rows import EXTRA, RawRows
from cdp_orchestration.sources import Stream


def without_members(stream: Stream) -> Stream:
    """Return a stream whose tables need no column for a key or cursor that may be a member of a document."""
    members = _fields_of_members(stream)
    key = tuple(name for name in stream.key if name not in members)
    return replace(stream, key=key, cursor=None if stream.cursor in members else stream.cursor)


def with_members(rows: Iterable[RawRows], stream: Stream) -> Iterator[RawRows]:
    """Yield the rows of a table with the members of its documents in the fields that they mean.

    Args:
        rows: the rows of one file, part by part, read by ``without_members`` of the stream.
        stream: the stream; where a name of its vendor has dots, the first part of it is a column.

    Yields:
        The rows. What is left of a document stays in its field, or beside the declared columns. A file without a column
        for a key or cursor, be it one of documents, raises FileRefusedError.
    """
    members = _fields_of_members(stream)
    filled, row_count, names = set[str](), 0, list[str]()
    for raw in rows:
        names = names or _headings(raw, stream)
        containers = _containers(raw, stream)
        _refuse_without(set(stream.required) - (members if containers else set()), raw, names)
        part = _lifted(raw, stream, containers) if containers else raw
        filled |= {name for name in members if part.table[name].null_count < part.table.num_rows}
        row_count += part.table.num_rows
        yield part
    if row_count and (absent := [name for name in stream.required if name in members - filled]):
        refuse_missing_column(absent[0], names)


def container_names(stream: Stream) -> tuple[str, ...]:
    """Return the vendor's names of columns that may hold documents, in the order of the renames."""
    return tuple(dict.fromkeys(vendor_name.partition(".")[0] for vendor_name in _nested(stream)))


def _nested(stream: Stream) -> dict[str, str]:
    fields = {field.name for field in stream.fields}
    return {vendor_name: field for vendor_name, field in stream.renames if "." in vendor_name and field in fields}


def _fields_of_members(stream: Stream) -> frozenset[str]:
    return frozenset(_nested(stream).values())


def _headings(raw: RawRows, stream: Stream) -> list[str]:
    return [*(field.name for field in stream.fields if field.name not in raw.missing), *sorted(raw.undeclared)]


def _refuse_without(required: set[str], raw: RawRows, names: list[str]) -> None:
    for name in sorted(required & raw.missing):
        refuse_missing_column(name, names)


def _containers(raw: RawRows, stream: Stream) -> dict[str, str]:
    """Return for the vendor's names of columns of documents the fields or undeclared columns that have them here."""
    renamed = dict(stream.renames)
    declared = {field.name for field in stream.fields} - raw.missing
    columns = {}
    for name in container_names(stream):
        field = renamed.get(name, name)
        others = (each for each in sorted(raw.undeclared) if same_heading(each, name))
        column = field if field in declared else next(others, None)
        if column is not None:
            columns[name] = column
    return columns


def _of_columns(stream: Stream, containers: Mapping[str, str]) -> Stream:
    """Return a stream whose dotted renames begin with what the columns are called once their headings are known."""
    renames = []
    for vendor_name, field in stream.renames:
        name, dot, member = vendor_name.partition(".")
        if not dot or name in containers:
            renames.append((f"{containers.get(name, name)}{dot}{member}", field))
    return replace(stream, renames=tuple(renames))


def _lifted(raw: RawRows, stream: Stream, containers: Mapping[str, str]) -> RawRows:
    fields = {field.name: field.type for field in stream.fields}
    members = _fields_of_members(stream)
    read = {name: raw.table[name].to_pylist() for name in fields if name in {*members, *containers.values()}}
    # A document that goes by the vendor's name alone is nothing once all of it is taken out
    renamed = {column for column in containers.values() if column in fields and column not in containers}
    extras = raw.table[EXTRA].to_pylist()
    lift = lifting(_of_columns(stream, containers))
    for index, extra in enumerate(extras):
        given = {name: column[index] for name, column in read.items() if column[index] is not None}
        row = {**_parsed(extra), **given}
        lift(row)
        for name, column in read.items():
            value = None if name in renamed and row.get(name) == {} else row.get(name)
            column[index] = value if value is given.get(name) else _text(value, is_document=fields[name] == "json")
        left = {name: value for name, value in row.items() if name not in read}
        extras[index] = dumps(left).decode() if left else None
    table = raw.table
    for name, texts in {**read, EXTRA: extras}.items():
        table = table.set_column(table.column_names.index(name), name, pa.array(texts, pa.string()))
    undeclared = _left(raw.undeclared, extras, set(containers.values()))
    return replace(raw, table=table, undeclared=undeclared, missing=_missing(raw, table, stream))


def _parsed(extra: str | None) -> dict[str, Any]:
    return dict(loads_as_written(extra)) if extra else {}


def _text(value: Any, *, is_document: bool) -> str | bytes | None:
    """Return a member of a document as the readers of JSON files give it."""
    if value is None:
        return None
    return dumps(value) if is_document else as_text(value)


def _left(undeclared: frozenset[str], extras: list[str | None], containers: set[str]) -> frozenset[str]:
    """Return the undeclared columns of which a row still has something."""
    emptied = containers & undeclared
    for text in extras:
        if emptied and text:
            emptied -= loads_as_written(text).keys()
    return undeclared - emptied


def _missing(raw: RawRows, table: pa.Table, stream: Stream) -> frozenset[str]:
    """Return the declared fields without a column; of members only those that no row has, where the contract asks."""
    members = _fields_of_members(stream)
    if stream.schema_contract.missing == "freeze":
        members = frozenset(name for name in members if table[name].null_count < table.num_rows)
    return raw.missing - members
