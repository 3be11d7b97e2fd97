"""From which delivered file and line a row came, where its key leads to a row of landing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import duckdb

from cdp_orchestration.sources import Stream, declared_streams

Node = Mapping[str, Any]

LANDED_ROW = ("_source_file", "_source_line")
"""Columns that identify a row of landing within its stream: its key may be what is wrong with it."""


def delivered_in(
    connection: duckdb.DuckDBPyConnection, manifest: Node, model: Node, keys: Iterable[Sequence[str]]
) -> list[str]:
    """Return the file and line that delivered the newest version of each key, for those keys that lead to one.

    A staging model of one stream has the stream's own key. Other models may have a key ``source:record type:id``: the
    record type names the stream (``ticket``, ``guest_order``), or the model is made from one stream of the source. A
    part of a record has the id of the record and its own (``refund:6001:1``).

    Args:
        connection: open on the warehouse.
        manifest: the project's manifest.
        model: the model whose keys these are.
        keys: the keys, each with the values of its columns.

    Returns:
        Distinct places such as ``crm/contacts/2026-01.csv line 7``, in the order of the keys.
    """
    streams = set(_streams_read(manifest, model))
    found = (_place_of_key(connection, model["name"], streams, key) for key in keys)
    return list(dict.fromkeys(place for place in found if place))


def landed_in(table: str, columns: Sequence[str], key: Sequence[str]) -> str | None:
    """Return the file and line of a row of landing, whose key is just these; None for a row of another table."""
    stream = next((each for each in declared_streams() if each.table == table), None)
    if stream is None or tuple(columns) != LANDED_ROW:
        return None
    return _words(stream, *key)


def _place_of_key(
    connection: duckdb.DuckDBPyConnection, model: str, streams: set[Stream], key: Sequence[str]
) -> str | None:
    for stream in declared_streams():
        if model == _staging_model(stream):
            return _place(connection, stream, ":".join(key))
    source, _, rest = str(key[0]).partition(":")
    record_type, _, record_id = rest.partition(":")
    of_source = [stream for stream in declared_streams() if stream.source == source]
    named = [stream for stream in of_source if f"_{record_type}s".endswith(f"_{stream.name}")]
    read = [stream for stream in of_source if stream in streams]
    candidates = named or (read if len(read) == 1 else [])
    ids = dict.fromkeys((record_id, record_id.partition(":")[0]))
    places = (_place(connection, stream, found) for stream in candidates for found in ids)
    return next(filter(None, places), None)


def _place(connection: duckdb.DuckDBPyConnection, stream: Stream, key: str) -> str | None:
    columns = ", ".join(f'"{column}"::varchar' for column in stream.key)
    newest = f'"{stream.cursor}" desc nulls last, ' if stream.cursor else ""
    rows = connection.execute(
        f"select _source_file, _source_line from landing.{stream.table} where concat_ws(':', {columns}) = ? "
        f"order by {newest}_source_file desc, _loaded_at desc, _source_line desc limit 1",
        [key],
    ).fetchall()
    return _words(stream, *rows[0]) if rows else None


def _streams_read(manifest: Node, model: Node) -> Iterator[Stream]:
    for parent in model.get("depends_on", {}).get("nodes", ()):  # a seed depends on nothing
        node = manifest["nodes"].get(parent)
        if node is None:
            continue
        staged = [stream for stream in declared_streams() if node["name"] == _staging_model(stream)]
        yield from staged or (_streams_read(manifest, node) if node["resource_type"] == "model" else ())


def _staging_model(stream: Stream) -> str:
    return f"stg_{stream.source}__{stream.name}"


def _words(stream: Stream, file: str, line: object) -> str:
    return f"{stream.source}/{stream.name}/{file} line {line}"
