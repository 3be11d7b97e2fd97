"""Measure a candidate release against the live one: what would readers see that they did not see before?

The gates before know what was delivered and what each stage built. This one knows the tables as they are published:
those that lost rows though staging did not, permissions that appear, amounts that are another number for the same key,
and values of a profile that are gone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from cdp_orchestration.figures.figure import Figure
from cdp_orchestration.figures.store import History
from cdp_orchestration.home.sql_text import text_literal

SUBJECT = "release.candidate"
_PERSONS, _INTERACTIONS = "staging.person_records", "staging.interactions"
# What grows with what. Of the other tables fewer rows than before are no harm: moments expire, audiences are left,
# close calls are decided.
_GROWS_WITH = {
    **dict.fromkeys(
        (
            "profiles", "profile_records", "profile_attributes", "profile_identifiers", "profile_consents",
            "consent_history", "accounts", "profile_accounts", "profile_history", "profile_record_history",
            "id_graph", "external_id_mapping", "profile_traits", "person_record_values", "profile_metrics",
            "profile_events",
        ),
        _PERSONS,
    ),
    **dict.fromkeys(("touchpoints", "journeys", "orders", "journey_attribution"), _INTERACTIONS),
}  # fmt: skip
_NUMBERS = {
    "orders": ("order_amount", "net_reporting_amount"),
    "profile_metrics": ("revenue_amount", "average_order_amount"),
    "touchpoints": ("amount",),
    "journey_attribution": ("credited_amount",),
}
_VALUES = {"profiles": ("full_name", "email", "phone", "date_of_birth", "postcode", "country_code")}
_CONSENTS = "profile_consents"


@dataclass(frozen=True)
class ReleasedTable:
    """A table of a candidate.

    Attributes:
        file: its file.
        rows: how many rows it has.
        key: the columns that are unique together.
        live_file: the file of the live release; None where that has none.
        live_rows: how many rows that has.
    """

    file: Path
    rows: int
    key: tuple[str, ...]
    live_file: Path | None = None
    live_rows: int = 0


def release_figures(
    connection: duckdb.DuckDBPyConnection, tables: Mapping[str, ReleasedTable], history: History
) -> list[Figure]:
    """Return the figures of a candidate.

    Args:
        connection: the warehouse, whose staging says how many rows there should be.
        tables: the tables of the candidate by name.
        history: the accepted figures of former candidates.
    """
    bases = {name: _rows(connection, name) for name in (_PERSONS, _INTERACTIONS)}
    found = [Figure("records", name, rows, rows) for name, rows in bases.items()]
    for name, table in tables.items():
        found.append(_rows_of(name, table, bases, history))
        if table.live_file and table.live_rows and table.rows and table.key:
            found += _changes(connection, name, table)
    return found


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.execute(f"select count(*) from {table}").fetchall()[0][0])


def _rows_of(name: str, table: ReleasedTable, bases: Mapping[str, int], history: History) -> Figure:
    """Return the rows of a table; usual is what the live one has, less what staging itself has lost since."""
    usual = float(table.live_rows) if table.live_file else None
    base = _GROWS_WITH.get(name)
    before = history.get(("records", base)) if base else None
    if usual is not None and base and before:
        usual *= min(1.0, bases[base] / max(1.0, before[-1].value))
    rows = max(table.rows, table.live_rows)
    is_decisive = base is not None or not table.rows
    return Figure("records", name, table.rows, rows, usual, table.live_rows, is_decisive=is_decisive)


def _changes(connection: duckdb.DuckDBPyConnection, name: str, table: ReleasedTable) -> Iterator[Figure]:
    counts = {("moved", column): (_both(column), _moved(column)) for column in _NUMBERS.get(name, ())}
    # What is paid back counts nothing from then on, which is another thing than another unit
    counts |= {
        ("changed", f"{column}, to nothing"): (f"old.{column} != 0", f"old.{column} != 0 and {_is_nothing(column)}")
        for column in _NUMBERS.get(name, ())
    }
    counts |= {
        ("emptied", column): (f"old.{column} is not null", f"old.{column} is not null and new.{column} is null")
        for column in _VALUES.get(name, ())
    }
    if name == _CONSENTS:
        counts["turned", "permissions"] = ("not old.is_contactable", "not old.is_contactable and new.is_contactable")
    if not counts:
        return
    conditions = (f"count(*) filter (where {each})" for pair in counts.values() for each in pair)
    keys = " and ".join(f"new.{column} = old.{column}" for column in table.key)
    row = connection.execute(
        f"select {', '.join(conditions)} from {_read(table.file)} as new join {_read(table.live_file)} as old on {keys}"
    ).fetchall()[0]
    for (figure, column), total, off in zip(counts, row[::2], row[1::2], strict=True):
        if total:
            yield Figure(figure, f"{name}.{column}", off / total, total, 0.01, total, is_decisive=True)


def _read(file: Path | None) -> str:
    return f"read_parquet({text_literal(str(file))})"


def _both(column: str) -> str:
    return f"old.{column} != 0 and new.{column} != 0"


def _is_nothing(column: str) -> str:
    return f"coalesce(new.{column}, 0) = 0"


def _moved(column: str) -> str:
    old, new = f"abs(old.{column})", f"abs(new.{column})"
    return f"{_both(column)} and ({new} > 3 * {old} or 3 * {new} < {old})"
