"""Compare the content of two releases, whatever runs created them."""

from collections.abc import Collection, Mapping
from pathlib import Path

from cdp_orchestration.benchmark.same_history import rows_of_one_history as rows_of_one_history
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.bundle import ABOUT_RUNS
from cdp_orchestration.release.reader import Release, require_live_release

# Columns that differ between two histories of the same data: random ids, and the platform's own clock.
RANDOM_OR_CLOCK = {
    "profile_id",
    "profile_id_first",
    "household_id",
    "canonical_segment_id",
    "created_at",
    "updated_at",
    "linked_at",
    "loaded_at",
}
# Tables of the history itself: one delivery and several ones give different rows.
HISTORY = {
    "profile_events",
    "profile_redirects",
    "profile_history",
    "profile_record_history",
    "id_graph",
    "audiences",
    "cx_scorecard_history",
    *ABOUT_RUNS,
}


def release_of(home: Path) -> Release:
    """Return the live release of a home."""
    return require_live_release(Settings(home).releases)


def comparable_tables(release: Release, without: Collection[str] = ()) -> dict[str, list[str]]:
    """Return every published table as sorted lines, without random ids, clock times and some more columns."""
    connection = release.connect()
    lines = {}
    for name, entry in release.manifest["tables"].items():
        if name in HISTORY:
            continue
        names = (column["name"] for column in entry["columns"])
        columns = ", ".join(f'"{name}"' for name in names if name not in {*RANDOM_OR_CLOCK, *without})
        rows = connection.execute(f"select {columns} from {name}").fetchall()
        lines[name] = sorted(map(str, rows))
    return lines


def without_record(tables: Mapping[str, list[str]], source_record_id: str) -> dict[str, list[str]]:
    """Return tables without the lines of a record that was merged away: only a home that saw it knows whose it was."""
    return {name: [line for line in lines if f"'{source_record_id}'" not in line] for name, lines in tables.items()}


def partition(release: Release) -> set[frozenset[str]]:
    """Return the partition of person records: the sets that share a profile."""
    query = """
        select list(concat_ws(':', source_system, source_record_type, source_record_id))
        from profile_records group by profile_id
    """
    return {frozenset(row[0]) for row in release.connect().execute(query).fetchall()}
