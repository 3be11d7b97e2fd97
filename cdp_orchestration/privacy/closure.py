"""Whom a request to erase is about: their records, what names them, their values, and who else bears their contacts."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

import duckdb

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.erasure import Erasure, register_names, whole_words
from cdp_orchestration.landing.named_people import named_people, one_form, personal_data_of
from cdp_orchestration.landing.raw_rows import quoted, text_literal
from cdp_orchestration.sources import Stream, declared_streams

_MIN_LENGTH, _MIN_DIGITS, _MIN_WORD = 6, 6, 4  # of a value that is sought in any text
Name = tuple[str, str]


@dataclass(frozen=True)
class SharedContact:
    """A contact or identifier that a record of somebody else bears as well: it stays, unless that record goes too."""

    kind: str
    person_record_id: str


@dataclass(frozen=True)
class Closure:
    """What belongs to the people of a request.

    Attributes:
        profile_ids: their profiles.
        records: their person records.
        shared: contacts that others bear, by the record of the other.
        names: what names them and no one else, as kind and compared form.
        values: their values that no one else bears and that can be sought in any text.
        words: further ones, such as a family name alone, which are sought as whole values.
        row_counts: how many delivered rows are theirs, by stream; those that are people and facts together.
    """

    profile_ids: tuple[str, ...]
    records: tuple[str, ...]
    shared: tuple[SharedContact, ...]
    names: frozenset[Name] = field(repr=False)
    values: frozenset[str] = field(repr=False)
    words: frozenset[str] = field(repr=False)
    row_counts: dict[str, int] = field(default_factory=dict)

    def erasure(self, request_id: str) -> Erasure:
        """Return what landing erases."""
        return Erasure(request_id, self.names, self.values)


def find_closure(
    connection: duckdb.DuckDBPyConnection, settings: Settings, profile_ids: Collection[str], also: Collection[str] = ()
) -> Closure:
    """Find everything that belongs to the people of some profiles.

    Args:
        connection: the warehouse; one that only reads will do.
        settings: the home.
        profile_ids: the profiles.
        also: person records of others that are to go with them.

    Returns:
        The closure; it is empty of names where the profiles have no record.
    """
    records = _records(connection, profile_ids, also)
    streams = [stream for stream in declared_streams(settings) if _has_landed(connection, stream)]
    own = _names_of_records(connection, records)
    _register_people(connection, own)
    further = {name for stream in streams for name in _named_with(connection, stream)} - own
    register_names(connection, further)
    shared = sorted({each for stream in streams for each in _bearers(connection, stream)})
    borne = {(kind, value) for kind, value, _ in shared}
    groups = {about.record for about in map(personal_data_of, streams) if about.where}  # organisations, not contacts
    names = own | _admitted(connection, further - borne, streams)
    register_names(connection, names)
    counts = {f"{s.source}/{s.name}": count for s in streams if (count := _row_count(connection, s))}
    own_values = _values(connection, streams, records, names)
    values = {value for value in own_values if _is_telling(value)}
    connection.execute("drop table if exists temp.people_records")
    connection.unregister("names")
    return Closure(
        tuple(sorted(set(profile_ids))),
        tuple(sorted(records)),
        tuple(
            SharedContact(kind, record) for kind, record in sorted({(k, r) for k, _, r in shared if k not in groups})
        ),
        frozenset(names),
        frozenset(values),
        frozenset(own_values - values),
        counts,
    )


def _records(connection: duckdb.DuckDBPyConnection, profile_ids: Collection[str], also: Collection[str]) -> set[str]:
    rows = connection.execute(
        "select person_record_id from identity.profile_assignments where list_contains(?, profile_id) "
        "or list_contains(?, person_record_id)",
        [list(profile_ids), list(also)],
    ).fetchall()
    # A record that has no profile, such as one that its source has deleted, has rows all the same
    return {record for (record,) in rows} | set(also)


def _names_of_records(connection: duckdb.DuckDBPyConnection, records: Iterable[str]) -> set[Name]:
    """Return the names that the keys of records are: everything before the last part is the kind."""
    split = [(f"{source}:{kind}", rest) for source, kind, rest in (each.split(":", 2) for each in records)]
    return {(kind, _in_one_form(connection, kind, value)) for kind, value in split}


def _in_one_form(connection: duckdb.DuckDBPyConnection, kind: str, value: str) -> str:
    row = connection.execute(f"select {one_form(kind, 'value')} from (select ?::varchar as value)", [value]).fetchone()
    return str(row[0]) if row else value


def _register_people(connection: duckdb.DuckDBPyConnection, own: Collection[Name]) -> None:
    """Offer ``people_records``: kind, value and key of every person record, and whether it is one of the people's."""
    register_names(connection, own)
    kinds = connection.execute(
        "select distinct source_system || ':' || source_record_type from identity.profile_assignments order by 1"
    ).fetchall()
    forms = " ".join(f"when {text_literal(kind)} then {one_form(kind, 'source_record_id')}" for (kind,) in kinds)
    value = f"case source_system || ':' || source_record_type {forms} end" if kinds else "source_record_id"
    connection.execute(
        "create or replace temp table people_records as "
        f"select source_system || ':' || source_record_type as kind, {value} as value, person_record_id, "
        "(kind, value) in (select (kind, value) from names) as is_own from identity.profile_assignments"
    )


def _has_landed(connection: duckdb.DuckDBPyConnection, stream: Stream) -> bool:
    found = connection.execute(
        "select 1 from duckdb_views() where schema_name = 'landing' and view_name = ?", [stream.table]
    ).fetchall()
    return bool(found)


def _rows(stream: Stream) -> str | None:
    """Return the query of the rows of a stream with their names and, where they have one, the name of their record."""
    named = named_people(stream)
    if named is None:
        return None
    record = personal_data_of(stream).record
    own = f"list_filter(named, lambda each: each.kind = {text_literal(record)})[1]" if record else "null"
    table = f"landing.{quoted(stream.table)}"
    return f"(select *, {own} as own_record from (select *, {named} as named from {table}))"


def _named_with(connection: duckdb.DuckDBPyConnection, stream: Stream) -> Iterator[Name]:
    """Yield all that the rows which are records of the people name them by."""
    rows = _rows(stream)
    if rows is None or personal_data_of(stream).record is None:
        return
    yield from connection.execute(
        f"select distinct each.kind, each.value from (select unnest(named) as each from {rows} where "
        "(own_record.kind, own_record.value) in (select (kind, value) from people_records where is_own))"
    ).fetchall()


def _bearers(connection: duckdb.DuckDBPyConnection, stream: Stream) -> Iterator[tuple[str, str, str]]:
    """Yield each name that a record of somebody else bears as well, with the key of that record."""
    rows = _rows(stream)
    if rows is None or personal_data_of(stream).record is None:
        return
    yield from connection.execute(
        "select distinct each.kind, each.value, person_record_id from "
        f"(select unnest(named) as each, own_record from {rows}) inner join people_records on "
        "(own_record.kind, own_record.value) = (people_records.kind, people_records.value) "
        "where not is_own and each <> own_record and (each.kind, each.value) in (select (kind, value) from names)"
    ).fetchall()


def _admitted(connection: duckdb.DuckDBPyConnection, names: Collection[Name], streams: Iterable[Stream]) -> set[Name]:
    """Return the names without those of rows that may be of no person, such as the account of an organisation."""
    admitted = set(names)
    for stream in streams:
        about = personal_data_of(stream)
        if not about.where or not about.record:
            continue
        found = connection.execute(f"select distinct own_record.value from {_rows(stream)} where len(named) > 0")
        people = {value for (value,) in found.fetchall()}
        admitted -= {name for name in admitted if name[0] == about.record and name[1] not in people}
    return admitted


def _row_count(connection: duckdb.DuckDBPyConnection, stream: Stream) -> int:
    rows = _rows(stream)
    if rows is None:
        return 0
    row = connection.execute(f"select count(*) from {rows} where {_IS_THEIRS}").fetchone()
    return int(row[0]) if row else 0


def _values(
    connection: duckdb.DuckDBPyConnection, streams: Iterable[Stream], records: Collection[str], names: Collection[Name]
) -> set[str]:
    """Return the values that only the people bear."""
    # The id of a fact stays, since the fact does
    facts = {about.record for about in map(personal_data_of, streams) if about.record and not about.are_people}
    candidates: set[str | None] = {value for kind, value in names if kind not in facts}
    candidates.update(records)
    for stream in streams:
        rows = _rows(stream)
        if rows and (values := _identifying(stream)):
            found = connection.execute(f"select distinct unnest({values}) from {rows} where {_IS_THEIRS}")
            candidates |= {value for (value,) in found.fetchall()}
    candidates |= _standard_values(connection, records)
    found_values = {value.strip() for value in candidates if value and len(value.strip()) > 1}
    borne = {value for stream in streams for value in _borne_by_others(connection, stream, found_values)}
    borne |= {value for stream in streams for value in _other_cells(connection, stream, found_values)}
    return {value for value in found_values if value.lower() not in borne}


def _identifying(stream: Stream) -> str | None:
    """Return SQL for the list of all texts in the fields of a row that identify or name a person."""
    about = personal_data_of(stream)
    naming = {path[0] for path in about.named_by} | (set(stream.key) if about.are_people else set())
    fields = [field for field in stream.fields if about.role_of(field.name) == "identifying" or field.name in naming]
    if not fields:
        return None
    return f"flatten([{', '.join(_texts(field.name, is_document=field.type == 'json') for field in fields)}])"


def _texts(name: str, *, is_document: bool) -> str:
    column = f"{quoted(name)}::varchar"
    if not is_document:
        return f"[{column}]"
    # The texts and numbers at any depth; keys are followed by a colon
    leaves = "regexp_extract_all(replace({0}, '\\\\\"', ' '), '(?:\"([^\"]*)\"|([0-9]{{5,}}))\\s*(?:[,}}\\]]|$)', 1)"
    numbers = "regexp_extract_all({0}, '[:\\[,]\\s*([0-9]{{5,}})\\s*[,}}\\]]', 1)"
    return f"list_concat({leaves.format(column)}, {numbers.format(column)})"


def _standard_values(connection: duckdb.DuckDBPyConnection, records: Collection[str]) -> set[str]:
    """Return the values of the records as staging writes them."""
    columns = ", ".join(f"[{name}]" for name in ("full_name", "given_name", "family_name", "address_line"))
    lists = ", ".join(("emails", "phones", "loyalty_numbers", "shop_customer_ids", "card_fingerprints"))
    found = connection.execute(
        f"select distinct unnest(flatten([{columns}, {lists}, other_identifiers])) from staging.person_records "
        "where list_contains(?, person_record_id)",
        [list(records)],
    ).fetchall()
    return {value for (value,) in found if value}


def _borne_by_others(connection: duckdb.DuckDBPyConnection, stream: Stream, values: Collection[str]) -> set[str]:
    """Return which values stand, in small letters, in a row of somebody else as part of what identifies them."""
    listed, rows = _identifying(stream), _rows(stream)
    if not listed or not rows or not values:
        return set()
    found = connection.execute(
        f"select distinct unnest(regexp_extract_all(lower(concat_ws(chr(31), {listed})), ?)) from {rows} "
        f"where not {_IS_THEIRS}",
        [whole_words({value.lower() for value in values})],
    ).fetchall()
    return {value for (value,) in found}


def _other_cells(connection: duckdb.DuckDBPyConnection, stream: Stream, values: Collection[str]) -> set[str]:
    """Return which values are, in small letters, a whole text of a row of somebody else, whatever it says."""
    fields = [quoted(field.name) for field in stream.fields if field.type == "text"]
    rows = _rows(stream) or f"(select *, [] as named from landing.{quoted(stream.table)})"
    theirs = _IS_THEIRS if _rows(stream) else "false"
    if not fields:
        return set()
    cells = f"select unnest([{', '.join(fields)}]) as cell from {rows} where not {theirs}"
    found = connection.execute(
        f"select distinct lower(cell) from ({cells}) where list_contains(?, lower(cell))",
        [sorted({value.lower() for value in values})],
    ).fetchall()
    return {value for (value,) in found}


def _is_telling(value: str) -> bool:
    """Return whether a value is so long and odd that a text with it speaks of the person."""
    if len(value) < _MIN_LENGTH:
        return False
    digits = sum(character.isdigit() for character in value)
    has_word = any(len(word) >= _MIN_WORD and word.isalpha() for word in value.split())
    return "@" in value or digits >= _MIN_DIGITS or (" " in value and has_word)


_IS_THEIRS = "list_has_any(named, (select coalesce(list({'kind': kind, 'value': value}), []) from names))"
