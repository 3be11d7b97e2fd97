"""Lines of JSON objects that all have the same members, whose values and names are known by reading each line once.

The engine refuses an object that lacks a member that it is asked for, or has it twice, but passes over one that it is
not asked for. Such a member makes its line longer than what was read of it: a value of a plain line is never shorter
as it was delivered than as the engine writes it. The names of lines that are longer are looked at.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cdp_orchestration.home.sql_text import text_literal
from cdp_orchestration.landing.contract.text_columns import has_sign
from cdp_orchestration.landing.raw_rows import in_parts

Values = dict[str, pa.ChunkedArray]
_Lengths = np.ndarray[Any, np.dtype[np.int64]]
_NAME = re.compile(r'[^"\\\x00-\x1f]+')
_NULL_BYTES = len("null")
_MIN_MEMBER_BYTES = len(',"":0')


def values_of(lines: pa.Array, names: Sequence[str], engine: duckdb.DuckDBPyConnection) -> Values | None:
    """Return the members of plain objects as JSON, null where a member is null.

    Args:
        lines: the objects, which are registered as ``lines`` as well.
        names: the members of the first object.
        engine: a database in memory that computes on Arrow tables.

    Returns:
        The values by name; None where an object has other members, or one of these twice, or where a line is no object.
    """
    # The engine's own names of columns do not differ by case
    if len({name.lower() for name in names}) < len(names) or not all(map(_NAME.fullmatch, names)):
        return None
    form = text_literal(json.dumps(dict.fromkeys(names, "JSON"), ensure_ascii=False))
    try:
        objects = engine.sql(f"select from_json_strict(line, {form}) as object from lines").to_arrow_table()["object"]
    except duckdb.InvalidInputException:
        return None
    if objects.null_count:
        return None
    values = {name: pc.cast(column, pa.string()) for name, column in zip(names, objects.flatten(), strict=True)}
    more = _bytes_of(lines) - _bytes_read(values)
    is_odd = (more < 0) | (more >= _MIN_MEMBER_BYTES)
    if is_odd.any():
        # Blanks make all lines longer, and of all no copy is needed
        longer = lines if is_odd.all() else lines.filter(pa.array(is_odd))
        return None if _has_others(longer, len(names), engine) else values
    return values


def _bytes_of(lines: pa.Array) -> _Lengths:
    lengths: _Lengths = pc.binary_length(lines).to_numpy().astype(np.int64)
    return lengths


def _bytes_read(values: Values) -> _Lengths:
    """Return how many bytes each object has without blanks, if it has these values alone."""
    signs = len("{}") + len(values) - 1 + sum(len(name.encode()) + len('"":') for name in values)
    lengths = [pc.fill_null(pc.binary_length(column), _NULL_BYTES).to_numpy() for column in values.values()]
    read: _Lengths = np.stack(lengths).sum(axis=0, dtype=np.int64)
    return read + signs


def _has_others(lines: pa.Array, count: int, engine: duckdb.DuckDBPyConnection) -> bool:
    """Return whether an object has more members than so many."""
    engine.register("longer_lines", in_parts(pa.table({"line": lines})))
    found = engine.sql(f"select bool_or(len(json_keys(line)) <> {count}) from longer_lines").fetchall()
    engine.unregister("longer_lines")
    return bool(found[0][0])


def texts_of(values: pa.ChunkedArray, engine: duckdb.DuckDBPyConnection) -> pa.ChunkedArray:
    """Return JSON values as texts: a string is what stands between its quotes, anything else remains as it is."""
    is_string = pc.starts_with(values, '"')
    if not pc.any(is_string).as_py():
        return values
    if has_sign(values, "\\"):
        engine.register("json_values", pa.table({"value": values}))
        text = "case when starts_with(value, '\"') then json_extract_string(value, '$') else value end"
        found = engine.sql(f"select {text} as text from json_values").to_arrow_table()["text"]
        engine.unregister("json_values")
        return found
    inner = pc.cast(pc.binary_slice(pc.cast(values, pa.binary()), 1, -1), pa.string())
    return inner if pc.all(is_string).as_py() else pc.if_else(is_string, inner, values)
