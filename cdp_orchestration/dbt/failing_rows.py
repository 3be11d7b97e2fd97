"""The keys of the rows that a dbt test found, read by its compiled query; no other column is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from cdp_orchestration.dbt.row_keys import may_be_shown, shown_key

Node = Mapping[str, Any]

MAX_KEYS = 5
_VALUE_COLUMNS = ("value_field", "from_field", "unique_field")  # as dbt's own tests call the tested column


@dataclass(frozen=True)
class FailingRows:
    """How many rows or keys a test found, the columns of their key, and at most five keys."""

    count: int
    key_columns: tuple[str, ...] = ()
    keys: tuple[tuple[str, ...], ...] = ()


def read_failing_rows(
    connection: duckdb.DuckDBPyConnection, manifest: Node, test: Node, model: Node, query: str
) -> FailingRows:
    """Run a failed test's query again and return the keys of what it finds.

    Args:
        connection: open on the warehouse in the state in which the test failed.
        manifest: the project's manifest.
        test: the test.
        model: the model that the test is about.
        query: the test's compiled query; each of its rows is a failure.

    Returns:
        The failing rows: of the model where the query leads to them, else of the query itself.
    """
    columns = [row[0] for row in connection.execute(f"describe select * from ({query}\n)").fetchall()]
    key = shown_key(manifest, model)
    if key and set(key) <= set(columns):
        return _read(connection, f"({query}\n) as failing", key)
    tested = str(test.get("column_name") or "")
    value = next((name for name in (*_VALUE_COLUMNS, tested) if name in columns), None)
    if key and value and tested in model["columns"]:
        return _read(connection, _rows_of_model(model, tested, query, value), key)
    ids = tuple(column for column in columns if may_be_shown(model, column))
    return _read(connection, f"({query}\n) as failing", ids)


def broken_rules(connection: duckdb.DuckDBPyConnection, rules: Sequence[str], query: str) -> dict[str, int]:
    """Return of several rules on one row those that are broken, with the number of rows that break each.

    Args:
        connection: open on the warehouse.
        rules: the rules of a test ``valid_rows`` in words, in the order of its numbers.
        query: its compiled query, whose column ``broken_rules`` has the number of each broken rule, from 1.

    Returns:
        Rule to count, in the order of the rules.
    """
    counts = connection.execute(
        f"select rule, count(*) from (select unnest(broken_rules) as rule from ({query}\n)) where rule is not null "
        "group by rule order by rule"
    ).fetchall()
    return {rules[number - 1]: count for number, count in counts}


def _rows_of_model(model: Node, column: str, query: str, value: str) -> str:
    found = f'select 1 from ({query}\n) as failing where failing."{value}" is not distinct from tested."{column}"'
    return f"(select * from {model['relation_name']} as tested where exists ({found})) as failing"


def _read(connection: duckdb.DuckDBPyConnection, relation: str, key: tuple[str, ...]) -> FailingRows:
    count = int(connection.execute(f"select count(*) from {relation}").fetchall()[0][0])
    if not key:
        return FailingRows(count)
    parts = ", ".join(f"coalesce(\"{column}\"::varchar, '(empty)')" for column in key)
    keys = connection.execute(f"select distinct {parts} from {relation} order by all limit {MAX_KEYS + 1}").fetchall()
    return FailingRows(count, key, tuple(tuple(map(str, values)) for values in keys))
