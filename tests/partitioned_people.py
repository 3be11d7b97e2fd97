"""A population that reaches every step of a partitioned resolution: hard cases, a town, overrides and a blocklist."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
from background_people import background_people
from edge_case_people import edge_cases, records_of

from identity import BLOCKLIST, OVERRIDES, Limits, Resolution

# So low that values are suppressed, blocks are oversized and components are too large in a town of a thousand records
LOW_LIMITS = Limits(
    names_per_contact=4,
    initials_per_contact=4,
    strangers_per_contact=2,
    names_per_address=4,
    records_per_block=6,
    records_per_coarse_block=4,
    records_per_component=2,
)


def hard_people() -> dict[str, dict[str, Any]]:
    """Return the hard cases and two towns of other people by record key, some twelve hundred records."""
    people = {f"{key}:{seed}": fields for seed in (1, 2) for key, fields in background_people(seed).items()}
    for case in edge_cases():
        people |= records_of(case)
    return people


def hard_decisions(found: Resolution) -> dict[str, pa.Table]:
    """Return overrides against what was decided, and a blocklist of values that link, as arguments of `resolve`."""
    edges = found.edges.to_pylist()
    pairs = {
        "cannot_link": [edge for edge in edges if edge["is_used"]][:60:3],
        "must_link": [edge for edge in edges if not edge["is_used"]][:60:3],
    }
    seen: set[str] = set()
    overrides = []
    for decision, chosen in pairs.items():
        for edge in chosen:
            records = (edge["person_record_id_left"], edge["person_record_id_right"])
            # no chains, so that no two contradict each other
            if not seen & set(records):
                seen |= set(records)
                overrides.append(dict(zip(OVERRIDES.names, (decision, *records), strict=True)))
    ends = [row["person_record_id"] for row in found.clusters.to_pylist() if row["person_record_id"] not in seen]
    overrides.append(dict(zip(OVERRIDES.names, ("must_link", ends[0], ends[-1]), strict=True)))
    blocked = [("email", "info@harbour-supplies.example"), ("phone", "+44 7700 800014"), ("loyalty_number", "LC-90001")]
    return {
        "overrides": pa.Table.from_pylist(overrides, schema=OVERRIDES),
        "blocklist": pa.Table.from_pylist([dict(zip(BLOCKLIST.names, row, strict=True)) for row in blocked], BLOCKLIST),
    }


def rows_of(table: Any) -> list[str]:
    """Return the rows of a table or a dataset in an order of their own."""
    return sorted(map(repr, (table if isinstance(table, pa.Table) else table.to_table()).to_pylist()))


Build = Callable[[dict[str, dict[str, Any]]], pa.Table]
