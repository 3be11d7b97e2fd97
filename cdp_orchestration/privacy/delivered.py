"""What sources delivered about one person, as it landed: the rows that are them, and what they did, asked and wrote.

A row that names somebody else as well is left out, and so is each value of a fact that may be somebody else's, such as
the address to which a present was sent: of what identifies people, what the person's own records say is shown.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import duckdb

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import read_warehouse
from cdp_orchestration.landing.erasure.named_people import personal_data_of
from cdp_orchestration.landing.raw_rows import EXTRA
from cdp_orchestration.landing.storage.views import has_view
from cdp_orchestration.privacy.closure import named_records
from cdp_orchestration.privacy.own_rows import IS_THEIRS, Name, rows_of
from cdp_orchestration.privacy.person import PersonTable, Row
from cdp_orchestration.sources import Stream, declared_streams

LEFT_OUT = "(left out: not known to be yours)"
DELIVERED_AT, FILE, LINE = "_delivered_at", "_file", "_line"
_ORIGIN = {
    DELIVERED_AT: "When the row was delivered first, UTC.",
    FILE: "The file that it stood in.",
    LINE: "Its line there.",
}
_NO_SIGNS = re.compile(r"[^\w]+")


def delivered_tables(settings: Settings, records: Sequence[str]) -> tuple[PersonTable, ...]:
    """Return what has landed about the person of some records.

    Args:
        settings: the home; nothing in it changes.
        records: the keys of the person's records.

    Returns:
        A table for each stream with rows about them, in order, each version of a row once; none where nothing has
        landed. WriterBusyError while the warehouse is being written.
    """
    if not settings.warehouse.exists() or not records:
        return ()
    with read_warehouse(settings.warehouse) as connection:
        connection.execute("set timezone = 'UTC'")
        streams = [stream for stream in declared_streams(settings) if has_view(connection, stream)]
        with named_records(connection, streams, records) as (names, _):
            found = [(stream, _rows(connection, stream)) for stream in streams]
        own = _own_values(connection, found, records, names)
    return tuple(
        PersonTable(
            f"{stream.source}/{stream.name}",
            f"One row per delivered version of a row: {stream.vendor_shape}.",
            _meanings(stream),
            [_shown(stream, row, own) for row in rows],
        )
        for stream, rows in found
        if rows
    )


def written_by(settings: Settings, tables: Sequence[PersonTable]) -> list[Row]:
    """Return what the person wrote, or what was noted about it in private, in the order of the rows' times.

    Args:
        settings: the home.
        tables: what was delivered about the person.

    Returns:
        One row a text: at, source, what (the field) and text.
    """
    facts = {f"{s.source}/{s.name}": s for s in declared_streams(settings) if not personal_data_of(s).are_people}
    found = [
        {"at": row[facts[table.name].cursor or DELIVERED_AT], "source": table.name, "what": name, "text": row[name]}
        for table in tables
        if table.name in facts
        for row in table.rows
        for name, role in personal_data_of(facts[table.name]).roles.items()
        if role == "sensitive" and row.get(name) not in (None, "", [])
    ]
    return sorted(found, key=lambda text: (str(text["at"]), text["source"], text["what"]))


def _rows(connection: duckdb.DuckDBPyConnection, stream: Stream) -> list[Row]:
    """Return the rows that name the person and no one else, the first delivery of each version."""
    rows = rows_of(stream)
    if rows is None:
        return []
    found = connection.execute(
        f"select * from {rows} where {IS_THEIRS} qualify row_number() over "
        "(partition by _row_hash order by _loaded_at, _source_file, _source_line) = 1 order by _loaded_at, _source_line"
    )
    columns = [column[0] for column in found.description or ()]
    theirs = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
    others = _of_others(connection, {(name["kind"], name["value"]) for row in theirs for name in row["named"]})
    return [row for row in theirs if others.isdisjoint((name["kind"], name["value"]) for name in row["named"])]


def _of_others(connection: duckdb.DuckDBPyConnection, names: Collection[Name]) -> set[Name]:
    kinds, values = [kind for kind, _ in names], [value for _, value in names]
    found = connection.execute(
        "select kind, value from people_records where not is_own and (kind, value) in "
        "(select (kind, value) from (select unnest(?::varchar[]) as kind, unnest(?::varchar[]) as value))",
        [kinds, values],
    )
    return set(found.fetchall())


def _own_values(
    connection: duckdb.DuckDBPyConnection,
    found: Sequence[tuple[Stream, list[Row]]],
    records: Sequence[str],
    names: Collection[Name],
) -> set[str]:
    """Return what the person's own records say, in one form: as delivered, as staging writes it, ids and contacts."""
    texts = {value for _, value in names} | {record.split(":", 2)[2] for record in records}
    for stream, rows in found:
        if personal_data_of(stream).are_people:
            texts |= {text for row in rows for field in stream.fields for text in _leaves(row[field.name])}
    standard = connection.execute(
        "select * exclude (person_record_id) from staging.person_records where list_contains(?, person_record_id)",
        [list(records)],
    )
    texts |= {text for row in standard.fetchall() for value in row for text in _leaves(value)}
    return {_in_one_form(text) for text in texts} - {""}


def _shown(stream: Stream, row: Row, own: Collection[str]) -> Row:
    about = personal_data_of(stream)
    origin = {DELIVERED_AT: row["_loaded_at"], FILE: row["_source_file"], LINE: row["_source_line"]}
    shown = {}
    for name in (*(field.name for field in stream.fields), EXTRA):
        value = _document(row[name])
        if not about.are_people and about.role_of(name) == "identifying":
            value = _changed(value, lambda leaf: leaf if _in_one_form(leaf) in own else LEFT_OUT)
        shown[name] = value
    return {**origin, **shown}


def _meanings(stream: Stream) -> dict[str, str]:
    described = {field.name: field.description for field in stream.fields}
    # A reference is to a text of the dbt project, which says what its models make of the field
    fields = {name: f"{name}, as delivered." if not said or "{{" in said else said for name, said in described.items()}
    return {**_ORIGIN, **fields, EXTRA: "Columns that are declared nowhere."}


def _document(value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith(("{", "[")):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    """Return a value with each text or number in it, at any depth, as it is to be shown."""
    if isinstance(value, dict):
        return {name: _changed(each, change) for name, each in value.items()}
    if isinstance(value, list):
        return [_changed(each, change) for each in value]
    return value if value is None or isinstance(value, bool) else change(str(value))


def _leaves(value: Any) -> Iterator[str]:
    value = _document(value)
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _leaves(each)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def _in_one_form(text: str) -> str:
    return _NO_SIGNS.sub("", text.casefold())
