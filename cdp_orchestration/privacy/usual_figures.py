"""What counts as usual once people are erased: the figures of the last accepted tables, measured again without them.

A gate that compares a table with the one before would take a large erasure for a lost delivery, or, with limits so wide
that it passes, a lost delivery for an erasure. So the tables, which still hold the people when this is asked, are
measured with and without them, and exactly that difference is taken from what was accepted. It becomes a new accepted
figure: what was measured before stays as it was.
"""

from collections.abc import Mapping, Sequence

import duckdb

from cdp_orchestration.figures.bounds import Compared
from cdp_orchestration.figures.figure import Figure
from cdp_orchestration.figures.release_figures import SUBJECT as RELEASE
from cdp_orchestration.figures.stage_figures import MEASURED_TABLES, table_figures
from cdp_orchestration.figures.store import read_history, store_figures
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import has_table, open_warehouse
from cdp_orchestration.landing.erasure.named_people import personal_data_of
from cdp_orchestration.privacy.requests import Pending
from cdp_orchestration.release.reader import live_release
from cdp_orchestration.sources import declared_streams

_NOTED = "operations.requests_in_figures"
_COUNTS, _SHARES = ("records", "average"), ("filled",)
"""Figures of which an erasure takes a part, and those of which it takes percentage points."""
Measured = Mapping[tuple[str, str, str], Figure]
"""Figures by table, name and what they are of."""


def measure_without(settings: Settings, pending: Sequence[Pending]) -> int:
    """Let usual be what was usual without the people; the caller holds the writer's lock.

    It is called once the people have left the releases, and before anything is built without them. For a request that
    was done before it changes nothing.

    Args:
        settings: the home.
        pending: the people.

    Returns:
        How many figures have another usual value.
    """
    with open_warehouse(settings.warehouse) as connection:
        connection.execute(f"create table if not exists {_NOTED} (request_id varchar)")
        noted = {request for (request,) in connection.execute(f"select request_id from {_NOTED}").fetchall()}
        new = [each.request_id for each in pending if each.request_id not in noted]
        if not new:
            return 0
        own_kinds = {about.record for about in map(personal_data_of, declared_streams(settings)) if about.are_people}
        gone = [each for each in pending if each.request_id in noted]
        before, after = (_measured(connection, people, own_kinds) for people in (gone, pending))
        usual = {subject: _usual(connection, subject, before, after) for subject in MEASURED_TABLES}
        usual[RELEASE] = _usual_release(connection, settings, before, after)
        connection.begin()
        for subject, figures in usual.items():
            found = [Compared(each, None, None, None, True, True, None) for each in figures]
            store_figures(connection, subject, f"erasure {new[0]}", found, accepted=True)
        connection.executemany(f"insert into {_NOTED} values (?)", [[each] for each in new])
        connection.commit()
        return sum(map(len, usual.values()))


def _measured(connection: duckdb.DuckDBPyConnection, people: Sequence[Pending], own_kinds: set[str | None]) -> Measured:
    """Return the figures of the stages' tables as they would be without the people; the tables stay as they are."""
    tables = [subject for subject in MEASURED_TABLES if has_table(connection, *subject.split("."))]
    connection.begin()
    try:
        _take_out(connection, tables, {record for each in people for record in each.records}, own_kinds)
        return {
            (subject, figure.name, figure.of): figure
            for subject in tables
            for figure in table_figures(connection, subject, {})
        }
    finally:
        connection.rollback()


def _take_out(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[str], records: set[str], own_kinds: set[str | None]
) -> None:
    """Do to the tables what a build without the people will: records go, facts lose their person and their text."""
    is_one = "person_record_id in (select unnest(?::varchar[]))"
    for table in tables:
        if table != "staging.interactions":
            connection.execute(f"delete from {table} where {is_one}", [sorted(records)])
            continue
        # A fact that is the person, such as the creation of the account, goes with them
        own = sorted(record for record in records if ":".join(record.split(":", 2)[:2]) in own_kinds)
        connection.execute(
            f"delete from {table} where {is_one} and ends_with(person_record_id, ':' || source_record_id)", [own]
        )
        emptied = "person_record_id = null, text_language = null"
        connection.execute(f"update {table} set {emptied} where {is_one}", [sorted(records)])


def _usual(connection: duckdb.DuckDBPyConnection, subject: str, before: Measured, after: Measured) -> list[Figure]:
    """Return the last accepted figures of a table less what the people make of them, whatever has changed since."""
    found = []
    for (name, of), accepted in read_history(connection, subject).items():
        old, new = before.get((subject, name, of)), after.get((subject, name, of))
        if old is None or name not in (*_COUNTS, *_SHARES):
            continue
        value, count = (new.value, new.rows) if new else (0.0, 0)
        usual = accepted[-1].value
        usual = usual * value / old.value if name in _COUNTS and old.value else usual + value - old.value
        found.append(Figure(name, of, usual, count))
    return found


def _usual_release(
    connection: duckdb.DuckDBPyConnection, settings: Settings, before: Measured, after: Measured
) -> list[Figure]:
    """Return how many rows readers saw: of the tables as they are in the live release, which has lost the people."""
    live = live_release(settings.releases)
    rows = {name: entry["rows"] for name, entry in live.manifest["tables"].items()} if live else {}
    found = []
    for (name, of), accepted in read_history(connection, RELEASE).items():
        usual = accepted[-1].value
        if name != "records":
            continue
        if of in rows:
            usual = min(usual, rows[of])
        else:
            usual *= _kept_part(of, before, after)
        found.append(Figure(name, of, usual, int(usual)))
    return found


def _kept_part(table: str, before: Measured, after: Measured) -> float:
    counts = [
        sum(figure.value for (subject, name, _), figure in measured.items() if (subject, name) == (table, "records"))
        for measured in (before, after)
    ]
    return counts[1] / counts[0] if counts[0] else 1.0
