"""How the people of a request are recognised in finished tables: by ids of profiles and records, and by values."""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from cdp_orchestration.home.sql_text import quoted
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
    """Offer variables ``erased_keys`` (ids of profiles and records) and ``erased_values`` (in small letters)."""
    for name, values in (
        ("erased_keys", {*pending.profile_ids, *pending.records}),
        ("erased_values", {value.lower() for value in (*pending.values, *pending.words)}),
    ):
        connection.execute(f"set variable {name} = ?::varchar[]", [sorted(values)])


def texts_of(columns: Iterable[Column]) -> str | None:
    """Return SQL for the list of all texts of a row; None where it has no column of texts."""
    known = list(columns)
    parts = [f"[{quoted(each.name)}]" for each in known if each.is_text]
    parts += [f"coalesce({quoted(each.name)}, [])" for each in known if each.is_texts]
    return f"flatten([{', '.join(parts)}])" if parts else None


def is_theirs(columns: Iterable[Column]) -> str:
    """Return the condition that a row is of the people: it has one of their ids, or a value of theirs alone.

    Args:
        columns: the columns of the table.

    Returns:
        SQL over one row.
    """
    known = list(columns)
    texts = texts_of(known)
    if texts is None:
        return "false"
    condition = (
        f"list_has_any({texts}, getvariable('erased_keys')) or list_has_any("
        f"list_transform({texts}, lambda each: lower(each)), getvariable('erased_values'))"
    )
    if {"source_system", "source_record_type", "source_record_id"} <= {each.name for each in known}:
        key = "source_system || ':' || source_record_type || ':' || source_record_id"
        condition += f" or list_contains(getvariable('erased_keys'), {key})"
    return f"coalesce({condition}, false)"
