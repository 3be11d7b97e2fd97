"""How the people of a request are recognised in finished tables: by ids of profiles and records, and by values."""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from cdp_orchestration.landing.raw_rows import quoted
from cdp_orchestration.privacy.requests import Pending


@dataclass(frozen=True)
class Column:
    """A column of a finished table: its name, and its type as DuckDB writes it."""

    name: str
    type: str

    @property
    def is_text(self) -> bool:
        """Whether it holds texts."""
        return self.type.lower() == "varchar"

    @property
    def is_texts(self) -> bool:
        """Whether it holds lists of texts."""
        return self.type.lower() == "varchar[]"


def register_people(connection: duckdb.DuckDBPyConnection, pending: Pending) -> None:
    """Offer tables ``erased_keys`` (ids of profiles and records) and ``erased_values`` (in small letters)."""
    for name, values in (
        ("erased_keys", {*pending.profile_ids, *pending.records}),
        ("erased_values", {value.lower() for value in (*pending.values, *pending.words)}),
    ):
        table = pa.table({"value": pa.array(sorted(values), pa.string())})
        connection.register(f"_{name}", table)
        connection.execute(f"create or replace temp table {name} as select value from _{name}")
        connection.unregister(f"_{name}")


def is_theirs(columns: Iterable[Column]) -> str:
    """Return the condition that a row is of the people: it has one of their ids, or a value of theirs alone.

    Args:
        columns: the columns of the table.

    Returns:
        SQL over one row.
    """
    known = list(columns)
    conditions = [
        f"{quoted(each.name)} in (select value from erased_keys) "
        f"or lower({quoted(each.name)}) in (select value from erased_values)"
        for each in known
        if each.is_text
    ]
    conditions += [
        f"list_has_any({quoted(each.name)}, (select list(value) from erased_keys)) or list_has_any("
        f"list_transform({quoted(each.name)}, lambda each: lower(each)), (select list(value) from erased_values))"
        for each in known
        if each.is_texts
    ]
    if {"source_system", "source_record_type", "source_record_id"} <= {each.name for each in known}:
        key = "source_system || ':' || source_record_type || ':' || source_record_id"
        conditions.append(f"{key} in (select value from erased_keys)")
    return f"coalesce({' or '.join(conditions)}, false)" if conditions else "false"
