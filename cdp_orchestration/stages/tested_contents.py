"""``operations.tested_contents``: one row per stage and table, what it held when the tests of the stage last passed.

A test that reads nothing else than it read then would only find the same (``dbt_project/macros/kept_tests.sql``).
"""

from collections.abc import Mapping

import duckdb

from cdp_orchestration.home.code_version import code_version
from cdp_orchestration.home.warehouse import has_table


def read_tested(connection: duckdb.DuckDBPyConnection, stage: str) -> dict[str, str]:
    """Return the content of each table (``schema.name``) with which the tests of a stage last passed by this code."""
    if not has_table(connection, "operations", "tested_contents"):
        return {}
    query = "select table_name, content from operations.tested_contents where stage = ? and code_version = ?"
    return dict(connection.execute(query, [stage, _code()]).fetchall())


def note_tested(connection: duckdb.DuckDBPyConnection, stage: str, landed_contents: Mapping[str, str]) -> None:
    """Note that all tests of a stage have passed with what the tables hold now, of which dbt has taken note.

    Args:
        connection: the warehouse.
        stage: the stage.
        landed_contents: what names the rows of each stream (``landing.<table>``).
    """
    connection.begin()
    connection.execute("delete from operations.tested_contents where stage = ?", [stage])
    connection.execute(
        "insert into operations.tested_contents select ?, table_name, content, ? from operations.table_contents",
        [stage, _code()],
    )
    landed = [[stage, table, content, _code()] for table, content in landed_contents.items()]
    connection.executemany("insert into operations.tested_contents values (?, ?, ?, ?)", landed)
    connection.commit()


def _code() -> str:
    return code_version("dbt", "gates")
