"""Find the rows on which a model fails, by computing the model from ever smaller parts of what it reads."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from cdp_orchestration.dbt.row_keys import shown_key
from cdp_orchestration.dbt.source_files import LANDED_ROW

Node = Mapping[str, Any]

MAX_ROWS = 2_000_000  # a part of the table is copied at each step
MAX_SECONDS = 30.0
# What a model reads while dbt builds it bucket by bucket (dbt_project/macros/profile_buckets.sql): here, all profiles
_BUCKET = "profiles_of_bucket"
_ALL_PROFILES = f"create or replace temp view {_BUCKET} as select profile_id from profiles.int_profile_inputs"


@dataclass(frozen=True)
class BreakingRow:
    """A row of a table that a model reads, without which the model can be computed."""

    table: Node
    key_columns: tuple[str, ...]
    key: tuple[str, ...]


def find_breaking_rows(
    connection: duckdb.DuckDBPyConnection, manifest: Node, model: Node, query: str
) -> list[BreakingRow]:
    """Return of each table that a model reads the single row without which it can be computed, if there is one.

    A table may hold the row if the model can be computed from none of its rows. Of its rows the half on which the model
    still fails is halved again, until one is left: as many steps as the count has binary digits. Of a join of two
    tables both rows are found, because without either of them the model can be computed.

    Args:
        connection: open on the warehouse.
        manifest: the project's manifest.
        model: the failed SQL model.
        query: its compiled query.

    Returns:
        The rows with the part of their keys that may be shown; those that are found within half a minute.
    """
    deadline = time.monotonic() + MAX_SECONDS
    if _BUCKET in query:
        connection.execute(_ALL_PROFILES)
    error = _error(connection, model, query)
    if error is None:
        return []
    found = []
    for table, key in _read_tables(manifest, model):
        if table["relation_name"] in query:
            trial = _Trial(connection, model, query, table["relation_name"], error)
            number = trial.breaking_row_number(deadline)
            if number:
                found.append(BreakingRow(table, key, trial.key_of(number, key)))
    return found


@dataclass(frozen=True)
class _Trial:
    """A model computed from some rows of one table that it reads, and from all rows of the others."""

    connection: duckdb.DuckDBPyConnection
    model: Node
    query: str
    relation: str
    error: type[duckdb.Error]

    def breaking_row_number(self, deadline: float) -> int | None:
        """Return the number of the row on which the model fails; None if the table or no single row is at fault."""
        ((high,),) = self.connection.execute(f"select count(*) from {self.relation}").fetchall()
        if not 0 < high <= MAX_ROWS:
            return None
        numbered = f"select row_number() over () as number_of_row, * from {self.relation}"
        self.connection.execute(f"create or replace temp table numbered_rows as {numbered}")
        if self._fails(1, 0):
            return None
        low = 1
        while low < high:
            middle = (low + high) // 2
            if time.monotonic() > deadline:
                return None
            if self._fails(low, middle):
                high = middle
            elif self._fails(middle + 1, high):
                low = middle + 1
            else:
                return None
        return low

    def key_of(self, number: int, key: tuple[str, ...]) -> tuple[str, ...]:
        """Return the values of these columns in the row of this number."""
        columns = ", ".join(f"coalesce(\"{column}\"::varchar, '(empty)')" for column in key)
        rows = self.connection.execute(f"select {columns} from numbered_rows where number_of_row = {number}").fetchall()
        return tuple(map(str, rows[0]))

    def _fails(self, low: int, high: int) -> bool:
        rows = f"select * exclude (number_of_row) from numbered_rows where number_of_row between {low} and {high}"
        self.connection.execute(f"create or replace temp table part_of_rows as {rows}")
        query = self.query.replace(self.relation, '"temp"."main"."part_of_rows"')
        return _error(self.connection, self.model, query) is self.error


def _read_tables(manifest: Node, model: Node) -> Iterator[tuple[Node, tuple[str, ...]]]:
    for parent in model["depends_on"]["nodes"]:
        table = manifest["nodes"].get(parent) or manifest["sources"].get(parent)
        if table is None:
            continue
        if table["schema"] == "landing":
            yield table, LANDED_ROW
        elif key := shown_key(manifest, table):
            yield table, key


def _error(connection: duckdb.DuckDBPyConnection, model: Node, query: str) -> type[duckdb.Error] | None:
    """Compute the model into a temporary table, under its contract if it has one; return the kind of error."""
    try:
        if model["config"]["contract"]["enforced"]:
            connection.execute(f"create or replace temp table computed_model ({_contract(model)})")
            connection.execute(f"insert into computed_model by name select * from ({query}\n)")
        else:
            connection.execute(f"create or replace temp table computed_model as select * from ({query}\n)")
    except duckdb.Error as error:
        return type(error)
    return None


def _contract(model: Node) -> str:
    return ", ".join(
        f'"{name}" {column["data_type"]}'
        + (" not null" if any(each["type"] == "not_null" for each in column["constraints"]) else "")
        for name, column in model["columns"].items()
    )
