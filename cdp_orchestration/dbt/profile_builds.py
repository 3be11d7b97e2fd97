"""Whether the tables that are built by touched profile need a full refresh.

dbt stores with the rows of each such table which code built it (``dbt_project/macros/touched_profiles.sql``).
"""

from collections.abc import Iterable

import duckdb

from cdp_orchestration.home.code_version import code_version


def needs_full_refresh(connection: duckdb.DuckDBPyConnection, relations: Iterable[str]) -> bool:
    """Return whether any of these tables (``schema.name``) was never built, or last by other code or configuration."""
    has_builds = connection.execute(
        "select 1 from duckdb_tables() where schema_name = 'operations' and table_name = 'profile_table_builds'"
    ).fetchall()
    if not has_builds:
        return True
    ours = connection.execute(
        "select table_name from operations.profile_table_builds where code_version = ?", [code_version("dbt")]
    ).fetchall()
    return not {(relation,) for relation in relations} <= set(ours)
