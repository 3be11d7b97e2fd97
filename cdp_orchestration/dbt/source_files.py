"""From which delivered file and line a row came, where its key leads to a row of landing."""

from collections.abc import Iterable, Sequence

import duckdb

from cdp_orchestration.streams import STREAMS, Stream

LANDED_ROW = ("_source_file", "_source_line")
"""Columns that identify a row of landing within its stream: its key may be what is wrong with it."""


def delivered_in(connection: duckdb.DuckDBPyConnection, model: str, keys: Iterable[Sequence[str]]) -> list[str]:
    """Return the file and line that delivered the newest version of each key, for those keys that lead to one.

    Args:
        connection: open on the warehouse.
        model: name of the model whose keys these are: a staging model of one stream has the stream's own key, other
            models may have a key of the form ``source:record type:id``.
        keys: the keys, each with the values of its columns.

    Returns:
        Distinct places such as ``crm/contacts/2026-01.csv line 7``, in the order of the keys.
    """
    found = (_place(connection, *traced) for key in keys for traced in [_stream_and_key(model, key)] if traced)
    return list(dict.fromkeys(place for place in found if place))


def landed_in(table: str, columns: Sequence[str], key: Sequence[str]) -> str | None:
    """Return the file and line of a row of landing, whose key is just these; None for a row of another table."""
    stream = next((each for each in STREAMS if each.table == table), None)
    if stream is None or tuple(columns) != LANDED_ROW:
        return None
    return _words(stream, *key)


def _stream_and_key(model: str, key: Sequence[str]) -> tuple[Stream, str] | None:
    for stream in STREAMS:
        if model == f"stg_{stream.source}__{stream.name}":
            return stream, ":".join(key)
    source, _, rest = str(key[0]).partition(":")
    record_type, _, record_id = rest.partition(":")
    for stream in STREAMS:
        if record_id and (source, f"{record_type}s") == (stream.source, stream.name):
            return stream, record_id
    return None


def _place(connection: duckdb.DuckDBPyConnection, stream: Stream, key: str) -> str | None:
    columns = ", ".join(f'"{column}"::varchar' for column in stream.key)
    newest = f'"{stream.cursor}" desc nulls last, ' if stream.cursor else ""
    rows = connection.execute(
        f"select _source_file, _source_line from landing.{stream.table} where concat_ws(':', {columns}) = ? "
        f"order by {newest}_source_file desc, _loaded_at desc, _source_line desc limit 1",
        [key],
    ).fetchall()
    return _words(stream, *rows[0]) if rows else None


def _words(stream: Stream, file: str, line: object) -> str:
    return f"{stream.source}/{stream.name}/{file} line {line}"
