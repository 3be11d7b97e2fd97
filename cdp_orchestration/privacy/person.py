"""Everything that a release says about one person, and nothing about anybody else."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from cdp_orchestration.errors import ProfileNotFoundError
from cdp_orchestration.release.lookup import find_profile_ids
from cdp_orchestration.release.reader import Release

Row = dict[str, Any]

# What of a table's rows is somebody else's: an employee who decided, figures of all members of an organisation
_OF_OTHERS: Mapping[str, frozenset[str]] = {
    "accounts": frozenset({"profile_count", "revenue_amount", "currency"}),
    "profile_events": frozenset({"decided_by"}),
}
# Rows of these are chosen by something else than the profile or the record
_CHOSEN: Mapping[str, str] = {
    "accounts": "account_id in (select account_id from profile_accounts where profile_id = $profile_id)",
    "external_id_mapping": "canonical_segment_id = $profile_id",
    "households": "household_id in (select household_id from profiles where profile_id = $profile_id)",
    "id_graph": "canonical_segment_id = $profile_id",
    "match_edges": "list_contains($records, person_record_id_left) and list_contains($records, person_record_id_right)",
    "profile_history": "list_contains($profile_ids, profile_id) and "
    "(valid_to is null or valid_to > coalesce($parted_at, '-infinity'::timestamptz))",
    "profile_traits": "canonical_segment_id = $profile_id",
}
OF_NO_ONE = frozenset({"shared_identifiers"})
"""Tables with values of people that are the person's only where another table says so."""


@dataclass(frozen=True)
class PersonTable:
    """What one table says about the person.

    Attributes:
        name: the table.
        meaning: what one of its rows is.
        columns: the meaning of each column, by its name.
        rows: the rows.
    """

    name: str
    meaning: str
    columns: Mapping[str, str]
    rows: list[Row]


@dataclass(frozen=True)
class Person:
    """What a release says about one person.

    Attributes:
        profile_id: the profile.
        former_profile_ids: profiles that were merged into it.
        records: the keys of its person records.
        tables: what each published table says.
        parted_at: when records were last taken out of one of these profiles; what it looked like before is left out,
            because it may have been two people.
        delivered: what each stream of a source delivered about the person.
    """

    profile_id: str
    former_profile_ids: tuple[str, ...]
    records: tuple[str, ...]
    tables: tuple[PersonTable, ...]
    parted_at: Any = None
    delivered: tuple[PersonTable, ...] = ()

    def rows(self, table: str) -> list[Row]:
        """Return the rows of a table; none where the release has no such table."""
        return next((each.rows for each in self.tables if each.name == table), [])


def find_person(connection: duckdb.DuckDBPyConnection, who: str) -> str:
    """Return the one living profile that a profile id, e-mail, phone or record key names.

    Args:
        connection: a connection of a release.
        who: what was asked for.

    Returns:
        The profile id.

    Raises:
        ProfileNotFoundError: no profile has it, or several share it.
    """
    found = find_profile_ids(connection, who)
    if len(found) > 1:
        raise ProfileNotFoundError(
            f"{len(found)} profiles share that value ({', '.join(found[:10])}); name one of them by its id"
        )
    return found[0]


def read_person(connection: duckdb.DuckDBPyConnection, release: Release, profile_id: str) -> Person:
    """Return everything that a release says about the person of a profile.

    Args:
        connection: a connection of the release.
        release: the release.
        profile_id: the profile.

    Returns:
        The person: a table for each table of the release that says something about people, rows in a fixed order.
    """
    records = records_of_person(connection, profile_id)
    merged = "select old_profile_id from profile_redirects where profile_id = ? and reason = 'merged' order by 1"
    former = _texts(connection, merged, profile_id)
    values = {"profile_id": profile_id, "profile_ids": [profile_id, *former], "records": records}
    parted = "select max(occurred_at) from profile_events where event_type = 'split' and list_contains(?, profile_id)"
    row = connection.execute(parted, [values["profile_ids"]]).fetchone()
    parted_at = row[0] if row else None
    tables = tuple(_tables(connection, release, {**values, "parted_at": parted_at}))
    return Person(profile_id, tuple(former), tuple(records), tables, parted_at)


def records_of_person(connection: duckdb.DuckDBPyConnection, profile_id: str) -> list[str]:
    """Return the keys of the records of a profile, in order."""
    query = "select person_record_id from profile_records where profile_id = ? order by 1"
    return _texts(connection, query, profile_id)


def condition_of(table: str, columns: Collection[str]) -> str | None:
    """Return which rows of a published table are about the person, as SQL; None where none is about anybody.

    Args:
        table: the table.
        columns: the names of its columns.

    Returns:
        A condition of $profile_id, $profile_ids (with former ones), $records or $parted_at.
    """
    if table in OF_NO_ONE:
        return None
    if table in _CHOSEN:
        return _CHOSEN[table]
    if "person_record_id" in columns:
        return "list_contains($records, person_record_id)"
    return "list_contains($profile_ids, profile_id)" if "profile_id" in columns else None


def _tables(
    connection: duckdb.DuckDBPyConnection, release: Release, values: Mapping[str, Any]
) -> Iterator[PersonTable]:
    for name, entry in sorted(release.manifest["tables"].items()):
        described = {column["name"]: " ".join(column["description"].split()) for column in entry["columns"]}
        condition = condition_of(name, described)
        if condition is None:
            continue
        shown = {column: meaning for column, meaning in described.items() if column not in _OF_OTHERS.get(name, ())}
        named = {key: values[key] for key in set(re.findall(r"\$(\w+)", condition))}
        listed = ", ".join(f'"{column}"' for column in shown)
        found = connection.execute(f'select {listed} from "{name}" where {condition} order by all', named)
        rows = [dict(zip(shown, row, strict=True)) for row in found.fetchall()]
        if name == "profile_consents":
            rows = [_without_strangers(row, values["records"]) for row in rows]
        yield PersonTable(name, " ".join(entry["description"].split()), shown, rows)


def _without_strangers(consent: Row, records: Collection[str]) -> Row:
    """Return a consent without the key of the record that gave it, where it is somebody's who has the same address."""
    key = ":".join(str(consent[part]) for part in ("source_system", "source_record_type", "source_record_id"))
    return consent if key in records else {**consent, "source_record_id": None}


def _texts(connection: duckdb.DuckDBPyConnection, query: str, value: str) -> list[str]:
    return [row[0] for row in connection.execute(query, [value]).fetchall()]
