"""Check raw rows against the stream's contract (types, required values, ranges, sizes), all columns at a time."""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cdp_orchestration.home.sql_text import quoted, text_literal
from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.contract.bounds import (
    Problem,
    bounded_value,
    is_bounded,
    problems_of_bounds,
    problems_of_time,
)
from cdp_orchestration.landing.contract.clean_rows import may_be_refused
from cdp_orchestration.landing.contract.clocks import CorrectedTimes, counted_rules, rule_columns
from cdp_orchestration.landing.contract.days_with_times import with_times_of_days
from cdp_orchestration.landing.contract.documents import clean_documents
from cdp_orchestration.landing.contract.plain_columns import Columns, plain_columns
from cdp_orchestration.landing.contract.schema_contract import IS_ANY_FILLED, keeps_row, keeps_text
from cdp_orchestration.landing.contract.unseen_signs import without_nulls, without_unseen_signs
from cdp_orchestration.landing.contract.word_lists import with_unpacked_documents, with_word_lists
from cdp_orchestration.landing.contract.written_values import (
    CAST_REASONS,
    cleaned,
    is_graphql_id,
    lost_digits,
    typed,
    with_odd_marks,
)
from cdp_orchestration.landing.raw_rows import EXTRA, SOURCE_LINE, RawRows, answer, in_parts
from cdp_orchestration.landing.refusals import RefusedRow
from cdp_orchestration.landing.storage.quarantine import MAX_RAW_ROW_CHARACTERS
from cdp_orchestration.sources import Field, Stream
from cdp_orchestration.sources.limits import MAX_FIELD_BYTES

_Marks = np.ndarray[Any, np.dtype[np.bool_]]
_EXTRA_WITH_TEXTS = quoted(EXTRA + " with texts")


@dataclass(frozen=True)
class CheckedRows:
    """``good`` has the declared fields typed, the line, hash, corrected times and other columns; the rest is refused.

    A row that landed without one optional value is in both. ``corrected`` counts good rows with a corrected time.
    """

    good: pa.Table
    refused: list[RefusedRow]
    corrected: CorrectedTimes


def check_rows(engine: duckdb.DuckDBPyConnection, raw: RawRows, stream: Stream, loaded_at: datetime) -> CheckedRows:
    """Type the rows and separate the good ones from those that break the contract (one refusal per bad field).

    Nothing can have happened after it was received: the row lands, and instead of a time that is later it has what the
    sender's clock says, the time of receipt, or none (``clocks``).

    Args:
        engine: a database in memory that computes on Arrow tables.
        raw: rows of one file.
        stream: the stream that they belong to.
        loaded_at: the time of this load, in UTC.

    Returns:
        The good rows, each refusal, and the number of corrected times.
    """
    engine.execute("set variable loaded_at = ?::timestamp", [loaded_at])
    rows = with_unpacked_documents(with_times_of_days(without_nulls(raw.table, stream), stream), stream)
    raw = replace(raw, table=with_word_lists(rows, stream))
    plain = plain_columns(raw, stream, loaded_at)
    good, is_suspect = _read(engine, raw, stream, plain)
    lost, refused = list[RefusedRow](), list[RefusedRow]()
    if is_suspect.any():
        suspects = raw.table.filter(pa.array(is_suspect))
        mended, lost = clean_documents(engine, suspects, stream)
        looked_at = replace(raw, table=mended)
        if mended is suspects and not any(field.type == "json" for field in stream.fields if field.name in plain):
            others = good.filter(pa.array(is_suspect))
            _register(engine, suspects, stream.fields)
        else:
            others, _ = _read(engine, looked_at, stream, {})
        is_good, refused = _refused(engine, looked_at, stream)
        good = _with_others(good, is_suspect, others, is_good)
    engine.unregister("raw_rows")
    good, corrected = counted_rules(good)
    return CheckedRows(good, [*raw.refused, *_of_landed_rows(lost, refused), *refused], corrected)


def _read(engine: duckdb.DuckDBPyConnection, raw: RawRows, stream: Stream, plain: Columns) -> tuple[pa.Table, _Marks]:
    """Register rows; return them as they land if they may, and which of them the careful tests are to look at."""
    rows = raw.table
    for name, column in plain.items():
        rows = rows.set_column(rows.column_names.index(name), name, column)
    others = [field for field in stream.fields if field.name not in plain]
    _register(engine, rows, others)
    columns = _landed_columns(stream, others)
    is_suspect = may_be_refused(stream, plain, is_from_json=raw.is_from_json)
    columns += [*rule_columns(stream, others), f"{is_suspect} as may_be_refused"]
    found = answer(engine, f"select {', '.join(columns)} from ({_typed_rows(raw, stream, plain)})", rows.num_rows)
    given = {SOURCE_LINE: rows[SOURCE_LINE], **plain}
    names = [*(field.name for field in stream.fields), SOURCE_LINE]
    landed = pa.table({name: given[name] if name in given else found[name] for name in names})
    for name in found.column_names:
        if name not in (*names, "may_be_refused"):
            landed = landed.append_column(name, found[name])
    return landed, found["may_be_refused"].to_numpy()


def _register(engine: duckdb.DuckDBPyConnection, rows: pa.Table, fields: Sequence[Field]) -> None:
    """Register raw rows for the queries of some fields."""
    engine.register("raw_rows", in_parts(with_odd_marks(without_unseen_signs(rows, fields), fields)))


def _with_others(rows: pa.Table, is_replaced: _Marks, others: pa.Table, is_good: _Marks) -> pa.Table:
    """Return rows with others in the place of those that are marked, and without the ones among them that fail."""
    positions = np.arange(rows.num_rows)
    positions[is_replaced] = np.where(is_good, rows.num_rows + np.arange(others.num_rows), -1)
    # Plain columns of times have no rule.
    return pa.concat_tables([rows, others], promote_options="default").take(pa.array(positions[positions >= 0]))


def _refused(engine: duckdb.DuckDBPyConnection, raw: RawRows, stream: Stream) -> tuple[_Marks, list[RefusedRow]]:
    """Return which of the registered rows that may have a problem land, and each problem."""
    query = _refusal_query(_typed_rows(raw, stream, {}), stream, _problems(stream))
    rows = engine.execute(query).to_arrow_table()
    with_problems = rows.filter(pc.greater(pc.list_value_length(rows["problems"]), 0)).to_pylist()
    refused = [
        RefusedRow(row[SOURCE_LINE], problem["reason"], row["raw_row"], problem["field"], row["keeps_row"])
        for row in with_problems
        for problem in sorted(row["problems"], key=itemgetter("field", "reason"))
    ]
    return rows["keeps_row"].to_numpy(), sorted(refused, key=attrgetter("source_line"))


def _of_landed_rows(lost: Iterable[RefusedRow], refused: Iterable[RefusedRow]) -> list[RefusedRow]:
    """Return the values that rows have lost; a row that is refused for another reason lands without any."""
    refused_lines = {row.source_line for row in refused if not row.is_row_landed}
    return [replace(row, is_row_landed=row.source_line not in refused_lines) for row in lost]


def _typed_rows(raw: RawRows, stream: Stream, plain: Container[str]) -> str:
    """Return the query of the registered rows: each text cleaned once, how it is read repeats its name many times."""
    texts, columns, bounded = [SOURCE_LINE, EXTRA], [SOURCE_LINE, EXTRA], []
    is_all_plain = all(field.name in plain for field in stream.fields)
    for field in stream.fields:
        name, text, read = (quoted(prefix + field.name) for prefix in ("", "raw ", "read "))
        if field.name in plain:
            texts.append(name)
            # What other fields are compared with.
            columns += [name] if is_all_plain else [name, f"{name} as {text}", f"{name} as {read}"]
            continue
        odd = [quoted("odd " + field.name)] if field.type == "json" else []
        texts += [f"{cleaned(field)} as {text}", *odd]
        value = typed(field, text, has_decimal_comma=raw.has_decimal_comma)
        columns += [text, *odd, f"{value} as {read if is_bounded(field) else name}"]
        bounded += [f"{bounded_value(stream, field)} as {name}"] if is_bounded(field) else []
    if _landed_extra(stream) != EXTRA:
        kept = _extra_with_kept_texts(stream, has_decimal_comma=raw.has_decimal_comma)
        columns.append(f"{kept} as {_EXTRA_WITH_TEXTS}")
    read_rows = f"select {', '.join(columns)} from (select {', '.join(texts)} from raw_rows)"
    return f"select {', '.join(['*', *bounded])} from ({read_rows})"


def _landed_extra(stream: Stream) -> str:
    """Return the column of what is stored beside the declared ones."""
    return _EXTRA_WITH_TEXTS if any(keeps_text(stream, field) for field in stream.fields) else EXTRA


def _extra_with_kept_texts(stream: Stream, *, has_decimal_comma: bool) -> str:
    """Return the columns that are not declared, and the texts of values that are not of their declared type."""
    merged = f"coalesce({EXTRA}, '{{}}')"
    for field in stream.fields:
        if keeps_text(stream, field):
            raw = quoted("raw " + field.name)
            is_lost = f"{raw} is not null and {typed(field, raw, has_decimal_comma=has_decimal_comma)} is null"
            is_lost += f" and {raw} != 'null'" if field.type == "json" else ""
            text = f"case when {is_lost} then json_object({text_literal(field.name)}, {raw}) else '{{}}' end"
            merged = f"json_merge_patch({merged}, {text})"
    return f"nullif(cast({merged} as varchar), '{{}}')"


def _problems(stream: Stream) -> list[Problem]:
    """Return every way a row can break the contract; sizes first, because they explain other failures."""
    found = [Problem(EXTRA, refusals.FIELD_TOO_LARGE, f"strlen({EXTRA}) > {MAX_FIELD_BYTES}")]
    if stream.schema_contract.new == "discard_row":
        found.append(Problem(EXTRA, refusals.UNDECLARED_VALUE, IS_ANY_FILLED))
    for field in stream.fields:
        raw, value = quoted("raw " + field.name), quoted(field.name)
        fits = f"coalesce(strlen({raw}), 0) <= {MAX_FIELD_BYTES}"
        found.append(Problem(field.name, refusals.FIELD_TOO_LARGE, f"not ({fits})"))
        if field.type == "timestamp":
            found += problems_of_time(stream, field, f"{raw} is not null and {fits}")
        elif field.type != "text":
            value = quoted("read " + field.name) if is_bounded(field) else value
            is_lost = f"{raw} is not null and {value} is null and {fits}"
            is_lost += f" and {raw} != 'null'" if field.type == "json" else ""
            found.append(Problem(field.name, CAST_REASONS[field.type], is_lost, keeps_row(stream, field)))
        found += _problems_of_id(field, raw)
        if field.name in stream.required:
            found.append(Problem(field.name, refusals.MISSING_VALUE, f"{raw} is null or trim({raw}) = ''"))
        found += problems_of_bounds(stream, field, fits)
    return found


def _problems_of_id(field: Field, raw: str) -> Iterator[Problem]:
    has_lost = lost_digits(field, raw)
    if has_lost:
        yield Problem(field.name, refusals.LOST_DIGITS, has_lost, keeps_row=field.text_kind == "digits")
    if field.is_identifier:
        yield Problem(field.name, refusals.GRAPHQL_ID, is_graphql_id(raw))


def _landed_columns(stream: Stream, selected: Iterable[Field]) -> list[str]:
    """Return the columns of some fields, the hash of each row and what is stored beside."""
    extra = _landed_extra(stream)
    # The engine's own hash of 64 bits: a digest of each row took a third of the time of landing.
    row_hash = f"to_hex(hash({', '.join(quoted(field.name) for field in stream.fields)}, {extra})) as _row_hash"
    return [*(quoted(field.name) for field in selected), row_hash, f"{extra} as {EXTRA}"]


def _refusal_query(rows: str, stream: Stream, problems: Iterable[Problem]) -> str:
    """Return the query of the problems of each row, whether it lands with them, and its text where it has any."""
    members = ", ".join(f"{text_literal(field.name)}, {quoted('raw ' + field.name)}" for field in stream.fields)
    raw_row = f"left(cast(json_object({members}, '{EXTRA}', {EXTRA}) as varchar), {MAX_RAW_ROW_CHARACTERS})"
    cases = ", ".join(
        f"case when {problem.condition} then {{'field': {text_literal(problem.field)}, 'reason': '{problem.reason}', "
        f"'keeps_row': {problem.keeps_row}}} end"
        for problem in problems
    )
    return f"""
        select
            {SOURCE_LINE}, problems, case when len(problems) > 0 then {raw_row} end as raw_row,
            coalesce(list_bool_and(list_transform(problems, lambda problem: problem.keeps_row)), true) as keeps_row
        from (select *, list_filter([{cases}], lambda problem: problem is not null) as problems from ({rows}))
    """
