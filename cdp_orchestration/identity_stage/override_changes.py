"""Which decisions of people may have changed profiles since readers last saw them, for the events to name."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

import duckdb
import pyarrow as pa

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.csv_rows import read_rows
from cdp_orchestration.identity_stage.decisions import Override, read_overrides
from cdp_orchestration.identity_stage.withdrawals import WITHDRAWAL_COLUMNS
from identity import OVERRIDE_CHANGES


def override_changes(settings: Settings, connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return the overrides in force, and those that were when the live release was made and are no more.

    Args:
        settings: the home.
        connection: the warehouse, within ``published_views``.

    Returns:
        One row per override; see OVERRIDE_CHANGES of the identity library.
    """
    overrides = read_overrides(settings)
    rows = [*_in_force(overrides), *_withdrawn(settings, connection, overrides)]
    return pa.Table.from_pylist(rows, schema=OVERRIDE_CHANGES)


def _in_force(overrides: Iterable[Override]) -> Iterator[dict[str, str | None]]:
    for override in overrides:
        yield {**_shown(asdict(override)), "override_id": override.override_id, "decided_by": override.decided_by}


def _withdrawn(
    settings: Settings, connection: duckdb.DuckDBPyConnection, overrides: Sequence[Override]
) -> Iterator[dict[str, str | None]]:
    in_force = {(override.decision, override.pair) for override in overrides}
    noted = {
        (row["decision"], frozenset((row["person_record_id_left"], row["person_record_id_right"]))): row
        for row in read_rows(settings.withdrawn_overrides, WITHDRAWAL_COLUMNS)
    }
    for decision, left, right in connection.execute(_PUBLISHED_OVERRIDES_SQL).fetchall():
        pair = frozenset((left, right))
        if (decision, pair) in in_force:
            continue
        # whoever removes the line from the file by hand leaves no note
        note = noted.get((decision, pair))
        unnoted = {"person_record_id_left": left, "person_record_id_right": right, "why": ""}
        yield {
            **_shown(note or unnoted),
            "override_id": note["override_id"] if note else hashlib.sha256(f"{left}|{right}".encode()).hexdigest()[:16],
            "decision": f"withdrawn_{decision}",
            "decided_by": note["withdrawn_by"] if note else None,
        }


def _shown(row: dict[str, str]) -> dict[str, str | None]:
    return {name: row.get(name) or None for name in OVERRIDE_CHANGES.names}


_PUBLISHED_OVERRIDES_SQL = """
select if(kept_apart_by = 'cannot_link', 'cannot_link', 'must_link'), person_record_id_left, person_record_id_right
from published_match_edges
where reason = 'must_link' or kept_apart_by = 'cannot_link'
order by all
"""
