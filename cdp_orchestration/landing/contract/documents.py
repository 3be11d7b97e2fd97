"""Take out of delivered JSON what no later stage can hold; the row lands with the rest, each loss is a refusal.

DuckDB finds the few documents that may need it, all rows at a time; only those are parsed and written again here.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import duckdb
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from cdp_orchestration.home.sql_text import quoted, text_literal
from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.raw_rows import SOURCE_LINE, answer, in_parts
from cdp_orchestration.landing.refusals import RefusedRow
from cdp_orchestration.sources import Field, JsonForm, NumberInside, Stream
from cdp_orchestration.sources.limits import MAX_FIELD_BYTES, MAX_NESTING

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_QUOTED_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_OBJECT: JsonForm = "object"
_EMPTY: tuple[Any, ...] = ({}, [], "")  # what some exports write where there is nothing


class _AsWritten(str):
    """A number of a document, every digit kept."""


@dataclass
class _Loss:
    """What a document has lost: the names of the values with their reasons."""

    values: list[tuple[str, str]] = field(default_factory=list)


def clean_documents(
    engine: duckdb.DuckDBPyConnection, table: pa.Table, stream: Stream
) -> tuple[pa.Table, list[RefusedRow]]:
    """Return the raw rows with JSON that every stage can hold, and one refusal for each value taken out.

    Args:
        engine: a database in memory that computes on Arrow tables.
        table: raw rows of one file.
        stream: the stream that they belong to.

    Returns:
        The rows, the same table where nothing had to change, and the refusals; the rows of the refusals are landed as
        far as this module is concerned.
    """
    refused: list[RefusedRow] = []
    documents = [declared for declared in stream.fields if declared.type == "json"]
    if not documents:
        return table, refused
    engine.register("documents", in_parts(table))
    tests = (f"{_may_need_it(declared)} as {quoted(declared.name)}" for declared in documents)
    flags = answer(engine, f"select {', '.join(tests)} from documents", table.num_rows)
    engine.unregister("documents")
    for declared in documents:
        if pc.any(flags[declared.name]).as_py():
            rows = pc.indices_nonzero(flags[declared.name]).to_pylist()
            table = _cleaned(table, declared, rows, refused)
    return table, refused


def _may_need_it(declared: Field) -> str:
    raw = quoted(declared.name)
    numbers = [number for number in declared.numbers_inside if number.range.keeps_row]
    return (
        f"case when {raw} <> '' and strlen({raw}) <= {MAX_FIELD_BYTES} and json_valid({raw}) "
        f"then {is_of_other_form(declared, raw, numbers)} else false end"
    )


def is_of_other_form(declared: Field, document: str, numbers: Iterable[NumberInside]) -> str:
    """Return the condition that a valid document may be too deep or long, of another form, or have a wrong number.

    Args:
        declared: the field of the document.
        document: the document in SQL.
        numbers: which of the numbers inside it count.
    """
    tests = [
        f"strlen({document}) > {2 * MAX_NESTING} and {bracket_count(document)} > {MAX_NESTING}",
        f"strlen({document}) > {declared.max_characters}",
    ]
    wrong = []
    if declared.form == _OBJECT:
        wrong.append(f"case when {document}[1] = '{{' then false else json_type({document}) <> 'OBJECT' end")
    elif declared.form:
        wanted = "'OBJECT'" if declared.form == "list of objects" else "'VARCHAR'"
        others = f"len(list_filter(json_type({document}, '$[*]'), lambda t: t <> {wanted}))"
        is_list = f"case when {document}[1] = '[' then true else json_type({document}) = 'ARRAY' end"
        wrong.append(f"not {is_list} or {others} > 0")
    wrong += [
        f"len(list_filter({numbers_of(document, number)}, lambda n: {_is_outside('n', number)})) > 0"
        for number in numbers
    ]
    is_deep = " or ".join(f"({test})" for test in tests)
    is_wrong = " or ".join(wrong) or "false"
    is_empty_list = f"when {document} = '[]' then false " if declared.form != _OBJECT else ""
    # What is too deep is decided before anything descends into it.
    return f"case {is_empty_list}when {is_deep} then true else coalesce({is_wrong}, false) end"


def bracket_count(raw: str) -> str:
    """Return SQL for how many lists and objects begin in a JSON text, at most; to split is the fastest way."""
    return f"len(string_split({raw}, '[')) + len(string_split({raw}, '{{')) - 2"


def numbers_of(document: str, number: NumberInside) -> str:
    """Return SQL for the list of the values at a number's path, as text."""
    found = f"json_extract_string({document}, {text_literal(number.json_path)})"
    return found if "*" in number.path else f"[{found}]"


def _is_outside(value: str, number: NumberInside) -> str:
    read = f"try_cast({value} as decimal(18, 4))"
    return (
        f"{value} is not null and coalesce({read} not between {number.range.minimum} and {number.range.maximum}, true)"
    )


def _cleaned(table: pa.Table, declared: Field, rows: list[int], refused: list[RefusedRow]) -> pa.Table:
    values = table[declared.name].to_pylist()
    lines = table[SOURCE_LINE]
    for row in rows:
        loss = _Loss()
        text = values[row]
        values[row] = _document(text, declared, loss)
        line = lines[row].as_py()
        refused += [RefusedRow(line, reason, text, name, True) for name, reason in dict.fromkeys(loss.values)]
    index = table.column_names.index(declared.name)
    return table.set_column(index, declared.name, pa.array(values, pa.string()))


def _document(text: str, declared: Field, loss: _Loss) -> str | None:
    """Return a JSON text without what cannot be held; null when nothing of it can."""
    if _nesting(text) > MAX_NESTING:
        loss.values.append((declared.name, refusals.NESTED_TOO_DEEPLY))
        return None
    try:
        document = json.loads(text, parse_float=_AsWritten, parse_int=_AsWritten)
    except ValueError:  # the engine also reads words for numbers, such as INF
        loss.values.append((declared.name, refusals.NOT_JSON))
        return None
    if document is None or (document in _EMPTY and not _has_form(document, declared)):
        return None
    if not _has_form(document, declared):
        loss.values.append((declared.name, refusals.WRONG_FORM))
        return None
    if isinstance(document, list):
        document = _of_wanted_items(document, declared, loss)
    document = _with_short_texts(document, declared, loss)
    for number in declared.numbers_inside:
        if number.range.keeps_row:
            _clear_numbers(document, number.path, number, declared.name, loss)
    return _written(document) if loss.values else text


def _has_form(document: object, declared: Field) -> bool:
    if declared.form is None:
        return True
    return isinstance(document, dict if declared.form == _OBJECT else list)


def _of_wanted_items(items: list[Any], declared: Field, loss: _Loss) -> list[Any]:
    kind = dict if declared.form == "list of objects" else str
    kept = [item for item in items if isinstance(item, kind) and not (kind is str and isinstance(item, _AsWritten))]
    if len(kept) < len(items):
        loss.values.append((f"{declared.name}[*]", refusals.WRONG_FORM))
    return kept


def _nesting(text: str) -> int:
    depth = deepest = 0
    for sign in re.findall(r"[\[\]{}]", _QUOTED_TEXT.sub("", text)):
        depth += 1 if sign in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _with_short_texts(value: Any, declared: Field, loss: _Loss) -> Any:
    if isinstance(value, dict):
        return {key: _with_short_texts(item, declared, loss) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_short_texts(item, declared, loss) for item in value]
    if isinstance(value, str) and len(value) > declared.max_characters:
        # Names of members are a source's own and may be personal, so the field alone is named.
        loss.values.append((declared.name, refusals.TEXT_TOO_LONG))
        return None
    return value


def _clear_numbers(value: Any, path: tuple[str, ...], number: NumberInside, root: str, loss: _Loss) -> None:
    """Set each value at the path that is not a number of its range to null, in place."""
    for holder, key in _places(value, path):
        reason = _reason(holder[key], number)
        if reason:
            loss.values.append((root + number.json_path.removeprefix("$"), reason))
        if reason or holder[key] == "":
            holder[key] = None


def _places(value: Any, path: tuple[str, ...]) -> Iterator[tuple[Any, Any]]:
    part, rest = path[0], path[1:]
    if part == "*":
        keys: list[Any] = list(range(len(value))) if isinstance(value, list) else []
    else:
        keys = [part] if isinstance(value, dict) and part in value else []
    for key in keys:
        if rest:
            yield from _places(value[key], rest)
        else:
            yield value, key


def _reason(value: object, number: NumberInside) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return refusals.NOT_A_DECIMAL
    is_inside = number.range.minimum <= Decimal(value) <= number.range.maximum
    return None if is_inside else refusals.OUT_OF_RANGE


def _written(document: object) -> str:
    written = orjson.dumps(document, default=_digits, option=orjson.OPT_PASSTHROUGH_SUBCLASS)
    return written.decode()


def _digits(value: object) -> orjson.Fragment:
    return orjson.Fragment(str(value))
