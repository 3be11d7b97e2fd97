"""What became of each profile from one release to another."""

import duckdb

from cdp_orchestration.release.profile_changes import changes_query
from cdp_orchestration.release.reader import Release

_OLD = "_earlier_"


def changes_between(connection: duckdb.DuckDBPyConnection, before: Release) -> duckdb.DuckDBPyRelation:
    """Return the profiles that are not as they were in an earlier release.

    Args:
        connection: the later release, a view a table.
        before: the earlier one.

    Returns:
        Rows (profile_id, change, current_profile_id), sorted; see ``HomeReader.changes``.
    """
    for table in ("profiles", "profile_records"):
        file = str(before.folder / before.manifest["tables"][table]["file"])
        connection.read_parquet(file).create_view(f"{_OLD}{table}", replace=True)
    names = [set(connection.view(each).columns) for each in ("profiles", f"{_OLD}profiles")]
    return connection.sql(changes_query(_OLD, "", names[0] & names[1], has_redirects=True))
