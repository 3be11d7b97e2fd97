"""Read lines of plain JSON objects all at a time; whatever is not certainly plain is left to the reader of each line.

The result is that of the other reader: what the two would write differently is not plain. Only of two members of one
name inside a nested object both stay in its text, as they do in CSV and Parquet.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cdp_orchestration.home.sql_text import text_literal
from cdp_orchestration.landing.contract.documents import bracket_count
from cdp_orchestration.landing.contract.headings import declared_names
from cdp_orchestration.landing.contract.plain_documents import odd_parts
from cdp_orchestration.landing.contract.text_columns import may_have_levels, signs_at
from cdp_orchestration.landing.files.alike_json_lines import Values, texts_of, values_of
from cdp_orchestration.landing.files.json_values import LONG_NUMBER
from cdp_orchestration.landing.files.text_blocks import has_pattern, line_ends
from cdp_orchestration.landing.raw_rows import EXTRA, in_parts
from cdp_orchestration.sources import Stream

MIN_BYTES = 1024 * 1024  # a smaller text is read sooner than the queries for it are planned
MAX_LEVELS = 200  # that both readers write
# Numbers whose digits do not survive, or that are so small that one reader writes an exponent; what is no JSON, but
# read as such; escapes, whose letters the readers write otherwise.
_NOT_PLAIN = LONG_NUMBER + r"|[:,\[]\s*(-?(?i:nan|inf|infinity)\s*[,}\]]|-?0\.0000|-0\s*[,}\]])|,\s*[\]}]|\\u00[01]"
# A whole number that is written with a point stays so inside a document; as the value of a field it is written without.
_POINT_ZERO = r"[:,\[]\s*-?[0-9]+\.0+\s*[,}\]]"
_IS_POINT_ZERO = r"\A-?[0-9]+\.0+\z"
PART_OF_ANOTHER = "__parentId"  # in a GraphQL bulk file: the object is a part of one above it
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DOCUMENTS = frozenset(b"{[")
Columns = dict[str, pa.ChunkedArray]


@dataclass(frozen=True)
class PlainObjects:
    """Objects as columns: the declared fields and ``EXTRA`` as text; all names of members, and those of the first.

    ``is_looked_through`` is that of ``RawRows``.
    """

    columns: Columns
    names: frozenset[str]
    first_names: tuple[str, ...]
    is_looked_through: bool = False


def plain_objects(data: bytes, stream: Stream, engine: duckdb.DuckDBPyConnection) -> PlainObjects | None:
    """Read objects, one a line.

    Args:
        data: whole lines in UTF-8, without a byte order mark.
        stream: the stream that declares the fields.
        engine: a database in memory that computes on Arrow tables.

    Returns:
        The objects; ``EXTRA`` is there where they have members that are not declared. None where a line is not plain.
    """
    if len(data) < MIN_BYTES or not _can_be_asked(stream):
        return None
    # One look at every byte is all that most texts need.
    documents = [field for field in stream.fields if field.type == "json"]
    is_odd = has_pattern(data, f"{_NOT_PLAIN}|{_POINT_ZERO}|{odd_parts(documents)}")
    if is_odd and has_pattern(data, _NOT_PLAIN):
        return None
    lines = _lines(data)
    engine.register("lines", in_parts(pa.table({"line": lines})))
    try:
        found = _objects(lines, stream, engine)
    except duckdb.InvalidInputException:  # a line that is not JSON
        return None
    finally:
        engine.unregister("lines")
    if found is None or (is_odd and _has_point_zero(found, stream) and has_pattern(data, _POINT_ZERO)):
        return None
    # What stands in a text may be a document, written with escapes
    is_looked_through = not is_odd and all(signs_at(found.columns[each.name], 0) <= _DOCUMENTS for each in documents)
    return replace(found, is_looked_through=is_looked_through)


def _has_point_zero(found: PlainObjects, stream: Stream) -> bool:
    texts = (found.columns[field.name] for field in stream.fields if field.type != "json")
    return any(pc.any(pc.match_substring_regex(text, _IS_POINT_ZERO)).as_py() for text in texts)


def _can_be_asked(stream: Stream) -> bool:
    """Return whether the fields can be named in a query, where upper and lower case are the same."""
    names = [field.name for field in stream.fields]
    has_nested = any("." in vendor_name for vendor_name, _ in stream.renames)
    are_plain = all(_PLAIN_NAME.fullmatch(name) for name in names)
    return are_plain and not has_nested and len({name.lower() for name in names}) == len(names)


def _lines(data: bytes) -> pa.Array:
    """Return the lines of a text, each with its end, without a copy of them."""
    ends = line_ends(data) + 1
    if not len(ends) or ends[-1] < len(data):
        ends = np.append(ends, len(data))
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    return pa.Array.from_buffers(pa.string(), len(ends), [None, pa.py_buffer(offsets), pa.py_buffer(data)])


def _objects(lines: pa.Array, stream: Stream, engine: duckdb.DuckDBPyConnection) -> PlainObjects | None:
    ((first,),) = engine.execute("select json_keys(line) from lines limit 1").fetchall()
    if not _is_named_once(first) or not _are_as_declared(first, stream):
        return None
    declared = {field.name for field in stream.fields}
    values = values_of(lines, first, engine)
    forms = [first] if values else _forms(first, engine)
    found = frozenset(name for form in forms for name in form)
    if not all(map(_is_named_once, forms)) or not _are_as_declared(found, stream):
        return None
    columns = _columns(values, len(lines), stream, engine) if values else _columns_of_any(stream, engine)
    if not found.issubset(declared):
        columns[EXTRA] = _extra(stream, engine)
    documents = [field.name for field in stream.fields if field.type == "json"]
    if any(_may_be_deep(columns[name], engine) for name in (*documents, EXTRA) if name in columns):
        return None
    return PlainObjects(columns, found, tuple(first))


def _is_named_once(names: Sequence[str] | None) -> bool:
    """Return whether an object has members, each with a name of its own: of two each reader would take another."""
    return names is not None and len({*names} - {""}) == len(names) > 0


def _are_as_declared(names: Collection[str], stream: Stream) -> bool:
    return PART_OF_ANOTHER not in names and all(declared_names([name], stream)[name] == name for name in names)


def _forms(first: Sequence[str], engine: duckdb.DuckDBPyConnection) -> list[Sequence[str]]:
    """Return the names of the members of each object, of as many as have the same once, of the first object first."""
    # Mostly all are like the first, and to compare with it takes half the time of finding all that differ
    others = "select distinct json_keys(line) from lines where json_keys(line) is distinct from $first"
    return [first, *(names for (names,) in engine.execute(others, {"first": first}).fetchall())]


def _columns(values: Values, count: int, stream: Stream, engine: duckdb.DuckDBPyConnection) -> Columns:
    absent = pa.chunked_array([pa.nulls(count, pa.string())])
    return {
        field.name: values.get(field.name, absent)
        if field.type == "json"
        else texts_of(values.get(field.name, absent), engine)
        for field in stream.fields
    }


def _columns_of_any(stream: Stream, engine: duckdb.DuckDBPyConnection) -> Columns:
    """Return the declared fields of objects that may have any members."""
    form = ", ".join(f'"{field.name}": "{"JSON" if field.type == "json" else "VARCHAR"}"' for field in stream.fields)
    table = engine.sql(f"select unnest(from_json(line, {text_literal('{' + form + '}')})) from lines").to_arrow_table()
    return {name: pc.cast(table[name], pa.string()) for name in table.column_names}


def _extra(stream: Stream, engine: duckdb.DuckDBPyConnection) -> pa.ChunkedArray:
    """Return the members that are not declared as an object, null where there are none."""
    # A patch takes out the members that it has as null, and leaves the others in their order.
    without = text_literal("{" + ", ".join(f'"{field.name}": null' for field in stream.fields) + "}")
    extra = engine.sql(f"select json_merge_patch(line, {without}) as extra from lines").to_arrow_table()["extra"]
    return pc.cast(pc.if_else(pc.equal(extra, "{}"), pa.scalar(None, extra.type), extra), pa.string())


def _may_be_deep(documents: pa.ChunkedArray, engine: duckdb.DuckDBPyConnection) -> bool:
    longest = pc.max(pc.binary_length(documents)).as_py() or 0
    if not may_have_levels(documents, longest, MAX_LEVELS):
        return False
    engine.register("documents", pa.table({"document": documents}))
    is_deep = f"case when strlen(document) > {2 * MAX_LEVELS} then {bracket_count('document')} > {MAX_LEVELS} end"
    found = engine.sql(f"select coalesce(bool_or({is_deep}), false) from documents").fetchall()
    engine.unregister("documents")
    return bool(found[0][0])
