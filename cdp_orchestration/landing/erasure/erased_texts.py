"""Texts of others that named erased people: the next export of such a row lands without what was taken out of it.

A source sends its rows again, and with them a ticket in which somebody else wrote the name of the person. Which rows
had such a text, and what stood there, are kept as keyed hashes in the list of erased people, so that neither is known
without the key. What somebody else writes anew is theirs, and only addresses and numbers are sought in it.
"""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.erasure.erased_people import HASHED, suppress
from cdp_orchestration.landing.erasure.erasure import Erasure, is_of_word, without_values, written
from cdp_orchestration.landing.erasure.named_people import one_form, row_id
from cdp_orchestration.sources import Stream

_VALUE = "text:"  # and how many characters it has


def note_texts(settings: Settings, stream: Stream, rows: pa.Table, erasure: Erasure) -> None:
    """Note rows of others whose texts lose a value of the people; the caller holds the writer's lock.

    Args:
        settings: the home.
        stream: the stream.
        rows: the rows, before or after they have lost it.
        erasure: the people.
    """
    with duckdb.connect(":memory:") as engine:
        keys = _keys(rows, stream, engine)
    values = {value.lower() for value in written(erasure.values)}
    names = {(f"{_VALUE}{len(value)}", value) for value in values} | {(_kind(stream), key) for key in keys.to_pylist()}
    suppress(settings, names, erasure.request_id, datetime.now(UTC).isoformat(timespec="seconds"))


def without_erased_texts(rows: pa.Table, stream: Stream, engine: duckdb.DuckDBPyConnection) -> pa.Table:
    """Take values of erased people out of the rows that had them before.

    Args:
        rows: the rows of a file, each value a text.
        stream: the stream.
        engine: a database that has ``suppressed`` and ``keyed_hash``.

    Returns:
        The same rows.
    """
    kinds = {kind for (kind,) in engine.execute("select distinct kind from suppressed").fetchall()}
    if _kind(stream) not in kinds:
        return rows
    is_noted = _are_suppressed([_kind(stream)] * rows.num_rows, _keys(rows, stream, engine), engine)
    if not pc.any(is_noted).as_py():
        return rows
    noted = rows.filter(is_noted)
    lengths = [int(kind.removeprefix(_VALUE)) for kind in kinds if kind.startswith(_VALUE)]
    for index, column in enumerate(rows.schema):
        if column.name in stream.key or not pa.types.is_string(column.type):
            continue
        found = _values_in(noted[column.name], lengths, engine)
        clean, _ = without_values(noted.select([column.name]), Erasure("", frozenset(), found))
        changed = pc.replace_with_mask(rows[column.name], is_noted, clean[column.name].combine_chunks())
        rows = rows.set_column(index, column, changed)
    return rows


def _values_in(texts: pa.ChunkedArray, lengths: Collection[int], engine: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Return the parts of texts that are, in small letters, values of erased people."""
    pieces = sorted({piece for text in texts.to_pylist() if text for piece in _pieces(text, lengths)})
    forms = [piece.lower() for piece in pieces]
    is_theirs = _are_suppressed([f"{_VALUE}{len(form)}" for form in forms], pa.array(forms, pa.string()), engine)
    return frozenset(pa.array(pieces, pa.string()).filter(is_theirs).to_pylist())


def _kind(stream: Stream) -> str:
    return f"text of {stream.source}/{stream.name}"


def _keys(rows: pa.Table, stream: Stream, engine: duckdb.DuckDBPyConnection) -> pa.Array:
    """Return the key of each row in one written form, as it is delivered and as it has landed."""
    engine.register("keyed_rows", rows.select(list(stream.key)).append_column("place", pa.array(range(rows.num_rows))))
    key = one_form(_kind(stream), row_id(stream))
    found = engine.execute(f"select coalesce({key}, '') as key from keyed_rows order by place").to_arrow_table()
    engine.unregister("keyed_rows")
    return found["key"].combine_chunks()


def _are_suppressed(kinds: Collection[str], values: pa.Array, engine: duckdb.DuckDBPyConnection) -> pa.Array:
    """Return of each value, as one of its kind, whether it is in the list of erased people."""
    columns = {"kind": pa.array(kinds, pa.string()), "value": values, "place": pa.array(range(len(values)))}
    engine.register("sought", pa.table(columns))
    found = engine.execute(
        f"select {HASHED} in (select hash from suppressed) as is_theirs "
        "from (select place, {'kind': kind, 'value': value} as named from sought) order by place"
    ).to_arrow_table()
    engine.unregister("sought")
    return found["is_theirs"].combine_chunks()


def _pieces(text: str, lengths: Collection[int]) -> Iterator[str]:
    """Yield the parts of a text that have one of some lengths, and do not begin within a word."""
    for start, sign in enumerate(text):
        is_within = start > 0 and is_of_word(sign) and is_of_word(text[start - 1])
        # The letter of an escape in a document of JSON, as of a line break, is no part of the word behind it
        if is_within and text[max(start - 2, 0)] != "\\":
            continue
        yield from (text[start : start + length] for length in lengths if start + length <= len(text))
