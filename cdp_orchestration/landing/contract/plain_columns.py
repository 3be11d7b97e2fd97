"""Columns of which every value is plainly what its field declares: Arrow types them whole, and SQL has no look at them.

A rule here is stricter than the contract and looks at a column as a whole: the longest of its texts, the signs that
occur in it, the least and the greatest value. A column that is not certainly plain is left to the rules for each value.
"""

import contextlib
from collections.abc import Callable
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from cdp_orchestration.home.durable_parquet import arrow_schema
from cdp_orchestration.landing.contract.clocks import FIRST_TIME
from cdp_orchestration.landing.contract.declared_formats import has_declared_form
from cdp_orchestration.landing.contract.plain_documents import is_plain_document
from cdp_orchestration.landing.contract.schema_contract import keeps_text
from cdp_orchestration.landing.contract.text_columns import all_begin, all_end, has_only
from cdp_orchestration.landing.contract.written_values import NO_NUMBER_WORDS, NULL_WORDS
from cdp_orchestration.landing.raw_rows import RawRows
from cdp_orchestration.sources import DUCKDB_TYPES, Field, FieldType, Stream
from cdp_orchestration.sources.limits import MAX_FIELD_BYTES

Columns = dict[str, pa.ChunkedArray]
_FIGURES = b"0123456789"
_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NUMBER_SIGNS: dict[FieldType, bytes] = {"integer": _FIGURES, "decimal": _FIGURES + b"."}
_MAX_NUMBER_BYTES = 20
_MAX_WORD_BYTES = max(map(len, (*NULL_WORDS, *NO_NUMBER_WORDS)))  # a longer text is none of the words for nothing
_SHORT_ID = 15  # of Salesforce: it lands lengthened
# How long a time is that one program writes: without a zone, in UTC, in UTC with milli- or microseconds.
_NAIVE_TIME = 19
_UTC_TIMES = (20, 24, 27)
_DATE_BYTES = 10
_TIME = pa.timestamp("us")


def plain_columns(raw: RawRows, stream: Stream, loaded_at: datetime) -> Columns:
    """Return the fields of which no value can be refused or changed, typed.

    Args:
        raw: rows of one file.
        stream: the stream that they belong to.
        loaded_at: the time of this load, in UTC.

    Returns:
        For each of these fields its column as it lands; of documents it remains to be seen whether they are JSON.
        A stream that keeps the texts of values of another type has none: each value may be among them.
    """
    if not raw.table.num_rows or any(keeps_text(stream, field) for field in stream.fields):
        return {}
    found: Columns = {}
    for field in stream.fields:
        if not has_declared_form(field) and not (raw.has_decimal_comma and field.type in _NUMBER_SIGNS):
            typed = _plain(field, raw, is_required=field.name in stream.required)
            if typed is not None:
                found[field.name] = typed
    return _without_odd_times(found, stream, loaded_at)


def _plain(field: Field, raw: RawRows, *, is_required: bool) -> pa.ChunkedArray | None:
    column = raw.table[field.name]
    if column.null_count == len(column):
        kind = arrow_schema({field.name: DUCKDB_TYPES[field.type]}).field(0).type
        return None if is_required else pa.chunked_array([pa.nulls(len(column), kind)])
    if is_required and not _is_filled(column):
        return None
    lengths = pc.min_max(pc.binary_length(column))
    shortest, longest = lengths["min"].as_py(), lengths["max"].as_py()
    if field.type == "json":
        return _document(field, column, shortest, longest, is_looked_through=raw.is_looked_through)
    with contextlib.suppress(pa.ArrowInvalid):  # a value that Arrow does not read
        return _BY_TYPE[field.type](field, column, shortest, longest)
    return None


def _text(field: Field, column: pa.ChunkedArray, shortest: int, longest: int) -> pa.ChunkedArray | None:
    # A text has no more characters than bytes.
    if longest > min(field.max_characters, MAX_FIELD_BYTES) or not _is_of_pattern(column, field.pattern):
        return None
    if field.text_kind == "free":
        return column
    if not shortest or (field.text_kind == "salesforce_id" and shortest <= _SHORT_ID <= longest):
        return None
    if has_only(column, _FIGURES + b"+"):
        return column
    is_no_word = shortest > _MAX_WORD_BYTES or all_begin(column, "0", "9")
    return column if is_no_word and has_only(column, _FIGURES + _LETTERS + b"-_") else None


def _is_of_pattern(column: pa.ChunkedArray, pattern: str | None) -> bool:
    if pattern is None:
        return True
    # Such texts are codes, of which there are few.
    return pc.all(pc.match_substring_regex(pc.unique(column), rf"\A(?:{pattern})\z")).as_py() is True


def _number(field: Field, column: pa.ChunkedArray, shortest: int, longest: int) -> pa.ChunkedArray | None:
    if field.scale or not shortest or longest > _MAX_NUMBER_BYTES:
        return None
    if not all_begin(column, "0", "9") or not has_only(column, _NUMBER_SIGNS[field.type]):
        return None
    numbers = pc.cast(column, arrow_schema({"number": DUCKDB_TYPES[field.type]}).field(0).type)
    if field.range:
        bounds = pc.min_max(numbers)
        if bounds["min"].as_py() < field.range.minimum or bounds["max"].as_py() > field.range.maximum:
            return None
    return numbers


def _boolean(_field: Field, column: pa.ChunkedArray, _shortest: int, _longest: int) -> pa.ChunkedArray | None:
    return pc.cast(column, pa.bool_())


def _date(_field: Field, column: pa.ChunkedArray, shortest: int, longest: int) -> pa.ChunkedArray | None:
    if (shortest, longest) != (_DATE_BYTES, _DATE_BYTES) or not all_begin(column, "1", "9"):
        return None
    return pc.cast(column, pa.date32())


def _time(_field: Field, column: pa.ChunkedArray, shortest: int, longest: int) -> pa.ChunkedArray | None:
    if shortest != longest or not all_begin(column, "1", "9"):
        return None
    if longest == _NAIVE_TIME:
        times = pc.cast(column, _TIME)
    elif longest in _UTC_TIMES and all_end(column, "Z"):
        times = pc.cast(column, pa.timestamp("us", "UTC"))
    else:
        return None
    first = datetime.fromisoformat(FIRST_TIME)
    times = pa.chunked_array([chunk.view(_TIME) for chunk in times.chunks], _TIME)
    return times if pc.min(times).as_py() >= first else None


def _document(
    field: Field, column: pa.ChunkedArray, shortest: int, longest: int, *, is_looked_through: bool
) -> pa.ChunkedArray | None:
    if not shortest or longest > min(field.max_characters, MAX_FIELD_BYTES):
        return None
    is_plain = is_plain_document(column, field, longest, is_looked_through=is_looked_through)
    return column if is_plain else None


_BY_TYPE: dict[FieldType, Callable[[Field, pa.ChunkedArray, int, int], pa.ChunkedArray | None]] = {
    "text": _text,
    "integer": _number,
    "decimal": _number,
    "boolean": _boolean,
    "date": _date,
    "timestamp": _time,
}


def _without_odd_times(found: Columns, stream: Stream, loaded_at: datetime) -> Columns:
    """Leave out the times that a clock may have to correct: what ``clocks.is_plainly_possible`` holds for remains."""
    received = found.get(stream.cursor) if stream.cursor else None
    if received is not None and pc.max(received).as_py() > loaded_at:
        received = None
    odd = {field.name for field in stream.fields if not _is_possible(field, found, stream, received, loaded_at)}
    return {name: column for name, column in found.items() if name not in odd}


def _is_possible(
    field: Field, found: Columns, stream: Stream, received: pa.ChunkedArray | None, loaded_at: datetime
) -> bool:
    if field.type != "timestamp" or field.is_of_sender or field.name not in found:
        return True
    times = found[field.name]
    if field.sender_clock and times.null_count:
        return False  # a missing time is computed as well
    if times.null_count == len(times):
        return True
    if stream.cursor is None:
        return bool(pc.max(times).as_py() <= loaded_at)
    # The cursor is required, so that it has no nulls here.
    return received is not None and pc.all(pc.less_equal(times, received)).as_py() is not False


def _is_filled(column: pa.ChunkedArray) -> bool:
    """Return whether each value is there and begins with a visible sign of ASCII."""
    return column.null_count == 0 and pc.min(pc.binary_length(column)).as_py() > 0 and all_begin(column, "!", "\x7f")
