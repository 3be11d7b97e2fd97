"""Whether two homes publish the same of the same deliveries: every table, history included, whatever ran in between."""

import re

import duckdb

from cdp_orchestration.release.bundle import ABOUT_RUNS
from cdp_orchestration.release.reader import Release

# Columns that no other run of the same deliveries repeats, by table; `*` stands for every table.
OF_THE_RUN = {
    "*": {
        "loaded_at",  # when the platform read the rows
        "run_id",  # Dagster's id of the run
    },
    "profile_events": {"event_id", "occurred_at"},  # random; when the run decided it
    "profile_redirects": {"redirected_at"},  # when the run decided it
    "profile_records": {"linked_at"},  # when the run decided it
    "profiles": {"created_at", "updated_at"},  # when a run made and last changed the profile
    "profile_traits": {"created_at", "updated_at"},  # the same times
    "id_graph": {"timestamp"},  # the same times
    "external_id_mapping": {"timestamp"},  # the same times
    "profile_history": {"valid_from", "valid_to"},  # from release to release
    "profile_record_history": {"valid_from", "valid_to"},  # from release to release
    "cx_scorecard_history": {"valid_from", "valid_to"},  # from release to release
    "audiences": {"entered_at", "left_at"},  # from release to release
}


def rows_of_one_history(release: Release) -> dict[str, list[str]]:
    """Return every published table as sorted rows, history included, comparable with the same deliveries' elsewhere.

    Tables about the runs themselves are left out: gates also count how rows came, as one file or in several fetches.

    A profile id holds the time of its making and random bits, so that it never comes again. In its place stand the
    records that the profile has ever held; in that of a household, the profiles in it. All other values are published
    ones, but for those of ``OF_THE_RUN``.
    """
    connection = release.connect()
    names = _names_of_ids(connection)
    rows = {}
    for table, entry in release.manifest["tables"].items():
        if table in ABOUT_RUNS:
            continue
        left_out = OF_THE_RUN["*"] | OF_THE_RUN.get(table, set())
        kept = [f'"{column["name"]}"' for column in entry["columns"] if column["name"] not in left_out]
        found = connection.execute(f"select {', '.join(kept)} from {table}").fetchall()
        rows[table] = sorted(_ID.sub(lambda id_: names.get(id_[0], id_[0]), str(row)) for row in found)
    return rows


_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{32}\b")


def _names_of_ids(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    held = "select profile_id, string_agg(distinct person_record_id, ' ' order by person_record_id)"
    profiles = dict(connection.execute(f"{held} from profile_record_history group by 1").fetchall())
    members: dict[str, set[str]] = {}
    living = "select household_id, profile_id from profiles union select household_id, profile_id from profile_history"
    for household, profile in connection.execute(f"from ({living}) where household_id is not null").fetchall():
        members.setdefault(household, set()).add(profiles[profile])
    return profiles | {household: " | ".join(sorted(names)) for household, names in members.items()}
