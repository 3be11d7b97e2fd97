"""What readers see in one release and not in another: profiles, tables, audiences and measures, in numbers."""

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from cdp_orchestration.home.sql_text import text_literal
from cdp_orchestration.release.profile_changes import KINDS, changes_query
from cdp_orchestration.release.reader import Release, connect_in_utc


@dataclass(frozen=True)
class TableDifference:
    """A published table in two releases.

    Attributes:
        table: its name.
        rows_before: its rows in the first release; None where it has no such table.
        rows_after: its rows in the second.
        columns: what changed of its columns, a sentence each, such as "phone: added".
        is_same: whether its file is the same, byte for byte.
    """

    table: str
    rows_before: int | None
    rows_after: int | None
    columns: tuple[str, ...]
    is_same: bool


@dataclass(frozen=True)
class Moved:
    """A number of readers' in two releases: members of an audience, or the mean of a measure.

    Attributes:
        name: the audience, or the function and the measure.
        unit: what is counted.
        before: the number in the first release; None where it has none.
        after: the number in the second.
    """

    name: str
    unit: str
    before: float | None
    after: float | None


@dataclass(frozen=True)
class ReleaseDifference:
    """What changes for readers from one release to another.

    Attributes:
        before: the id of the first release.
        after: the id of the second.
        profiles: numbers of profiles by what became of them (created, changed, merged, split, retired, same), and
            of the records that moved to other profiles.
        tables: the tables that differ, by name.
        audiences: the audiences whose members differ in number.
        measures: the measures of the scorecard, and revenue, that differ.
    """

    before: str
    after: str
    profiles: dict[str, int]
    tables: tuple[TableDifference, ...]
    audiences: tuple[Moved, ...]
    measures: tuple[Moved, ...]


def compare_releases(before: Release, after: Release) -> ReleaseDifference:
    """Return what changes for readers from one release to another; either may be the newer one.

    Args:
        before: the first release.
        after: the second one.

    Returns:
        The difference; a table that one of them lacks counts as empty.
    """
    tables = [each for each in _tables(before, after) if not each.is_same]
    with connect_in_utc() as connection:
        both = _offer(connection, before, after)
        return ReleaseDifference(
            before.release_id,
            after.release_id,
            _profiles(connection, has_redirects="profile_redirects" in both)
            if {"profiles", "profile_records"} <= both
            else {},
            tuple(tables),
            _moved(connection, _AUDIENCES) if "audiences" in both else (),
            (_moved(connection, _SCORECARD) if "cx_scorecard" in both else ())
            + (_moved(connection, _REVENUE) if "profile_metrics" in both else ()),
        )


def _offer(connection: duckdb.DuckDBPyConnection, before: Release, after: Release) -> set[str]:
    """Make each table that both releases have a view in the schemas ``before`` and ``after``; return their names."""
    both = before.manifest["tables"].keys() & after.manifest["tables"].keys()
    for schema, release in (("before", before), ("after", after)):
        connection.execute(f"create schema {schema}")
        for name in both:
            file = text_literal(release.folder / release.manifest["tables"][name]["file"])
            connection.execute(f'create view {schema}."{name}" as select * from read_parquet({file})')
    return set(both)


def _tables(before: Release, after: Release) -> Iterator[TableDifference]:
    for name in sorted(before.manifest["tables"].keys() | after.manifest["tables"].keys()):
        old, new = (each.manifest["tables"].get(name) for each in (before, after))
        columns = (
            _columns(*({column["name"]: column.get("type") for column in each["columns"]} for each in (old, new)))
            if old and new
            else ()
        )
        yield TableDifference(
            name,
            old["rows"] if old else None,
            new["rows"] if new else None,
            tuple(columns),
            bool(old and new and old["sha256"] == new["sha256"]),
        )


def _columns(old: dict[str, str | None], new: dict[str, str | None]) -> Iterator[str]:
    for name in sorted(old.keys() | new.keys()):
        if name not in old:
            yield f"{name}: added"
        elif name not in new:
            yield f"{name}: removed"
        elif old[name] != new[name]:
            yield f"{name}: {old[name]} became {new[name]}"


def _profiles(connection: duckdb.DuckDBPyConnection, *, has_redirects: bool) -> dict[str, int]:
    columns = [
        row[0]
        for row in connection.execute(
            "select column_name from (describe before.profiles) intersect "
            "select column_name from (describe after.profiles)"
        ).fetchall()
    ]
    changes = changes_query("before.", "after.", columns, has_redirects=has_redirects)
    counted = dict(
        connection.execute(f"select change, count(distinct profile_id) from ({changes}) group by change").fetchall()
    )
    both, moved = connection.execute(_BOTH).fetchall()[0]
    of_kinds = {kind: counted.get(kind, 0) for kind in KINDS}
    return {**of_kinds, "same": both - of_kinds["changed"], "moved_records": moved}


def _moved(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Moved, ...]:
    return tuple(Moved(*row) for row in connection.execute(query).fetchall())


# The profiles that both releases have, and the records that are in another profile
_BOTH = """
select
    (select count(*) from before.profiles inner join after.profiles using (profile_id)),
    (
        select count(*) from before.profile_records as old_records
        inner join after.profile_records as new_records using (person_record_id)
        where old_records.profile_id <> new_records.profile_id
    )
"""

_AUDIENCES = """
with old as (select audience, count(*) as members from before.audiences where left_at is null group by audience),
new as (select audience, count(*) as members from after.audiences where left_at is null group by audience)
select coalesce(old.audience, new.audience) as name, 'profiles', old.members, new.members
from old full join new using (audience)
where old.members is distinct from new.members
order by name
"""

# The mean of all days, each counted by what was measured on it
_SCORECARD = """
with old as (
    select function || '.' || metric as name, any_value(unit) as unit,
        sum(value * sample_size) / nullif(sum(sample_size), 0) as mean
    from before.cx_scorecard where value is not null group by all
),
new as (
    select function || '.' || metric as name, any_value(unit) as unit,
        sum(value * sample_size) / nullif(sum(sample_size), 0) as mean
    from after.cx_scorecard where value is not null group by all
)
select coalesce(old.name, new.name) as name, coalesce(old.unit, new.unit), old.mean, new.mean
from old full join new using (name)
where old.mean is distinct from new.mean
order by name
"""

_REVENUE = """
with old as (select currency, sum(revenue_amount) as amount from before.profile_metrics group by currency),
new as (select currency, sum(revenue_amount) as amount from after.profile_metrics group by currency)
select 'revenue', coalesce(old.currency, new.currency), old.amount::double, new.amount::double
from old full join new using (currency)
where old.amount is distinct from new.amount and coalesce(old.currency, new.currency) is not null
order by 2
"""
