"""Who a request to erase is about: their records, what names them, their values, and who else bears their contacts."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.sql_text import quoted, text_literal
from cdp_orchestration.landing.erasure.erasure import register_names
from cdp_orchestration.landing.erasure.named_people import fact, named_people, one_form, personal_data_of, row_id
from cdp_orchestration.landing.storage.views import has_view
from cdp_orchestration.privacy.own_rows import IS_THEIRS, Name, rows_of
from cdp_orchestration.privacy.own_values import is_odd, own_values
from cdp_orchestration.sources import Stream, declared_streams
from cdp_orchestration.sources.personal_data import EMAIL


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


def find_closure(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    profile_ids: Collection[str],
    also: Collection[str] = (),
    emails: Collection[str] = (),
) -> Closure:
    """Find everything that belongs to the people of some profiles.

    Args:
        connection: the warehouse; one that only reads will do.
        settings: the home.
        profile_ids: the profiles.
        also: person records of others that are to go with them.
        emails: addresses that no profile has, as of a person whose rows were refused.

    Returns:
        The closure; it is empty of names where the profiles have no record.
    """
    records = _records(connection, profile_ids, also)
    streams = [stream for stream in declared_streams(settings) if has_view(connection, stream)]
    with named_records(connection, streams, records, emails) as (names, shared):
        counts = {f"{s.source}/{s.name}": count for s in streams if (count := _row_count(connection, s))}
        found = own_values(connection, streams, records, names)
    values = {value for value in found if is_odd(value)}
    groups = {about.record for about in map(personal_data_of, streams) if about.where}  # organisations, not contacts
    return Closure(
        tuple(sorted(set(profile_ids))),
        tuple(sorted(records)),
        tuple(
            SharedContact(kind, record) for kind, record in sorted({(k, r) for k, _, r in shared if k not in groups})
        ),
        frozenset(names),
        frozenset(values),
        frozenset(found - values),
        counts,
    )


@contextmanager
def named_records(
    connection: duckdb.DuckDBPyConnection,
    streams: Sequence[Stream],
    records: Collection[str],
    emails: Collection[str] = (),
) -> Iterator[tuple[set[Name], set[tuple[str, str, str]]]]:
    """Find what names the people of some records, and no one else.

    Args:
        connection: the warehouse; one that only reads will do. During the block it has ``names`` with what is found,
            and ``people_records`` with the name of every record, and whether it is one of theirs.
        streams: the streams of which something has landed.
        records: the records.
        emails: addresses that are theirs besides.

    Yields:
        What names them, and what somebody else bears as well: its kind, value, and the record of the other.
    """
    own = _names_of_records(connection, records) | {(EMAIL, _in_one_form(connection, EMAIL, each)) for each in emails}
    own |= {name for stream in streams for name in _facts_of(connection, stream, records)}
    _register_people(connection, own)
    further = {name for stream in streams for name in _named_with(connection, stream)} - own
    register_names(connection, further)
    shared = {each for stream in streams for each in _bearers(connection, stream)}
    borne = {(kind, value) for kind, value, _ in shared} | _names_of_others(connection)
    names = own | _admitted(connection, further - borne, streams)
    register_names(connection, names)
    yield names, shared
    connection.execute("drop table if exists temp.people_records")
    connection.unregister("names")


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


def _facts_of(connection: duckdb.DuckDBPyConnection, stream: Stream, records: Collection[str]) -> Iterator[Name]:
    """Yield the keys of the facts that staging has given to the records, whatever these facts themselves say."""
    if personal_data_of(stream).are_people or named_people(stream) is None:
        return
    found = connection.execute(
        f"select distinct {one_form(fact(stream), row_id(stream))} as value from landing.{quoted(stream.table)} "
        "where value in (select source_record_id from staging.interactions where source_system = ? "
        "and list_contains(?, person_record_id))",
        [stream.source, list(records)],
    ).fetchall()
    yield from ((fact(stream), value) for (value,) in found)


def _named_with(connection: duckdb.DuckDBPyConnection, stream: Stream) -> Iterator[Name]:
    """Yield all that the rows which are records of the people name them by."""
    rows = rows_of(stream)
    if rows is None:
        return
    yield from connection.execute(
        f"select distinct each.kind, each.value from (select unnest(named) as each from {rows} where "
        "(own_record.kind, own_record.value) in (select (kind, value) from people_records where is_own) "
        "or (own_fact.kind, own_fact.value) in (select (kind, value) from names)) where each.kind not like '%/%'"
    ).fetchall()


def _names_of_others(connection: duckdb.DuckDBPyConnection) -> set[Name]:
    """Return which names are the key of a record of somebody else."""
    found = connection.execute(
        "select kind, value from people_records where not is_own and (kind, value) in (select (kind, value) from names)"
    )
    return set(found.fetchall())


def _bearers(connection: duckdb.DuckDBPyConnection, stream: Stream) -> Iterator[tuple[str, str, str]]:
    """Yield each name that a record of somebody else bears as well, with the key of that record."""
    rows = rows_of(stream)
    if rows is None or personal_data_of(stream).record is None:
        return
    yield from connection.execute(
        "select distinct each.kind, each.value, person_record_id from "
        f"(select unnest(named) as each, own_record from {rows}) inner join people_records on "
        "(own_record.kind, own_record.value) = (people_records.kind, people_records.value) "
        "where not is_own and each <> own_record and each.kind not like '%/%' "
        "and (each.kind, each.value) in (select (kind, value) from names)"
    ).fetchall()


def _admitted(connection: duckdb.DuckDBPyConnection, names: Collection[Name], streams: Iterable[Stream]) -> set[Name]:
    """Return the names without those of rows that may be of no person, such as the account of an organisation."""
    admitted = set(names)
    for stream in streams:
        about = personal_data_of(stream)
        if not about.where or not about.record:
            continue
        found = connection.execute(f"select distinct own_record.value from {rows_of(stream)} where len(named) > 0")
        people = {value for (value,) in found.fetchall()}
        admitted -= {name for name in admitted if name[0] == about.record and name[1] not in people}
    return admitted


def _row_count(connection: duckdb.DuckDBPyConnection, stream: Stream) -> int:
    rows = rows_of(stream)
    if rows is None:
        return 0
    row = connection.execute(f"select count(*) from {rows} where {IS_THEIRS}").fetchone()
    return int(row[0]) if row else 0
