"""Read lines of plain JSON objects all at a time; whatever is not certainly plain is left to the reader of each line.

The result is that of the other reader: what the two would write differently is not plain. Only of two members of one
name inside a nested object both stay in its text, as they do in CSV and Parquet.
"""

import re
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cdp_orchestration.landing.contract.documents import bracket_count
from cdp_orchestration.landing.contract.headings import declared_names
from cdp_orchestration.landing.contract.text_columns import may_have_levels
from cdp_orchestration.landing.files.json_values import LONG_NUMBER
from cdp_orchestration.landing.files.text_blocks import has_pattern
from cdp_orchestration.landing.raw_rows import EXTRA, in_parts, text_literal
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


@dataclass(frozen=True)
class PlainObjects:
    """Objects as columns: the declared fields and ``EXTRA`` as text; all names of members, and those of the first."""

    columns: dict[str, pa.Array]
    names: frozenset[str]
    first_names: tuple[str, ...]


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
    is_odd = has_pattern(data, f"{_NOT_PLAIN}|{_POINT_ZERO}")
    if is_odd and has_pattern(data, _NOT_PLAIN):
        return None
    engine.register("lines", in_parts(pa.table({"line": _lines(data)})))
    try:
        found = _objects(stream, engine)
    except duckdb.InvalidInputException:  # a line that is not JSON
        return None
    finally:
        engine.unregister("lines")
    return None if found and is_odd and _has_point_zero(found, stream) else found


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
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n")) + 1
    if not len(ends) or ends[-1] < len(data):
        ends = np.append(ends, len(data))
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    return pa.Array.from_buffers(pa.string(), len(ends), [None, pa.py_buffer(offsets), pa.py_buffer(data)])


def _objects(stream: Stream, engine: duckdb.DuckDBPyConnection) -> PlainObjects | None:
    forms = _forms(engine)
    if forms is None:
        return None
    found = frozenset(name for form in forms for name in form)
    if PART_OF_ANOTHER in found or any(declared_names([name], stream)[name] != name for name in found):
        return None
    columns = _columns(stream, engine, has_undeclared=not found.issubset(field.name for field in stream.fields))
    return PlainObjects(columns, found, forms[0]) if columns else None


def _forms(engine: duckdb.DuckDBPyConnection) -> list[tuple[str, ...]] | None:
    """Return the names of the members of each object, of as many as have the same once, of the first object first.

    None where a line is no object with members, or an object has two of one name, of which each reader would take
    another.
    """
    ((first,),) = engine.execute("select json_keys(line) from lines limit 1").fetchall()
    if not first:
        return None
    # Mostly all are like the first, and to compare with it takes half the time of finding all that differ
    others = "select distinct json_keys(line) from lines where json_keys(line) is distinct from $first"
    found = [first, *(names for (names,) in engine.execute(others, {"first": first}).fetchall())]
    forms = [tuple(names or ()) for names in found]
    return forms if all(form and "" not in form and len(set(form)) == len(form) for form in forms) else None


def _columns(stream: Stream, engine: duckdb.DuckDBPyConnection, *, has_undeclared: bool) -> dict[str, pa.Array] | None:
    form = ", ".join(f'"{field.name}": "{"JSON" if field.type == "json" else "VARCHAR"}"' for field in stream.fields)
    deep = [field.name for field in stream.fields if field.type == "json"]
    selected = f"unnest(from_json(line, {text_literal('{' + form + '}')}))"
    if has_undeclared:
        without = ", ".join(f'"{field.name}": null' for field in stream.fields)
        # A patch takes out the members that it has as null, and leaves the others in their order.
        selected += f", json_merge_patch(line, {text_literal('{' + without + '}')}) as {EXTRA}"
        deep.append(EXTRA)
    table = engine.sql(f"select {selected} from lines").to_arrow_table()
    columns = {name: pc.cast(table[name], pa.string()) for name in table.column_names}
    if any(_may_be_deep(columns[name], engine) for name in deep):
        return None
    if has_undeclared:
        is_empty = pc.equal(columns[EXTRA], "{}")
        columns[EXTRA] = pc.if_else(is_empty, pa.scalar(None, pa.string()), columns[EXTRA])
    return columns


def _may_be_deep(documents: pa.ChunkedArray, engine: duckdb.DuckDBPyConnection) -> bool:
    longest = pc.max(pc.binary_length(documents)).as_py() or 0
    if not may_have_levels(documents, longest, MAX_LEVELS):
        return False
    engine.register("documents", pa.table({"document": documents}))
    is_deep = f"case when strlen(document) > {2 * MAX_LEVELS} then {bracket_count('document')} > {MAX_LEVELS} end"
    found = engine.sql(f"select coalesce(bool_or({is_deep}), false) from documents").fetchall()
    engine.unregister("documents")
    return bool(found[0][0])
