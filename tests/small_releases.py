"""Releases of a few literal rows with the types of the contract, for what reads, compares or publishes releases."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from cdp_orchestration.release.bundle import PublishedTable, write_candidate
from cdp_orchestration.release.publication import candidate_folder, publish

FIRST, SECOND, THIRD = (f"2026010{day}T000000Z-00000{day}" for day in (1, 2, 3))

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "profiles": {
        "profile_id": "varchar",
        "email": "varchar",
        "revenue": "decimal(18, 2)",
        "orders": "bigint",
        "is_reachable": "boolean",
        "born_on": "date",
        "score": "double",
        "scores": "double[]",
        "tags": "varchar[]",
        "count_of_all": "hugeint",
        "updated_at": "timestamp",
        "seen_at": "timestamp with time zone",
    },
    "touchpoints": {"touchpoint_id": "varchar", "profile_id": "varchar", "amount": "decimal(18, 2)"},
    "match_edges": {"record_key_a": "varchar", "record_key_b": "varchar", "probability": "double"},
}
KEYS = {
    "profiles": ("profile_id",),
    "touchpoints": ("touchpoint_id",),
    "match_edges": ("record_key_a", "record_key_b"),
}


def profile(profile_id: str, email: str | None = "a@example.org") -> tuple[Any, ...]:
    """Return a row of profiles."""
    at = datetime(2026, 1, 1, 10, 0, 0, 123456)  # noqa: DTZ001 - as the contract has it
    day = at.date()
    seen_at = at.replace(tzinfo=UTC)
    return (profile_id, email, "1.25", 3, True, day, 0.5, [0.5, 1.5], ["a, b", "c"], 7, at, seen_at)


def make_live(
    home: Path, release_id: str, rows: Mapping[str, Sequence[tuple[Any, ...]]], columns: Mapping[str, Any] = COLUMNS
) -> None:
    """Make a release of these rows live in a home."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for name, found in rows.items():
            typed = ", ".join(f'"{column}" {kind}' for column, kind in columns[name].items())
            connection.execute(f'create table "{name}" ({typed})')
            for row in found:
                connection.execute(f'insert into "{name}" values ({", ".join("?" * len(row))})', list(row))
        tables = [
            PublishedTable(
                name,
                f"main.{name}",
                f"One row per row of {name}.",
                tuple(
                    {"name": column, "type": kind, "description": f"The {column}.", "classification": "none"}
                    for column, kind in columns[name].items()
                ),
                KEYS[name] if columns is COLUMNS else (),
            )
            for name in sorted(rows)
        ]
        about = {"release_id": release_id, "created_at": "2026-01-01T00:00:00+00:00", "previous_release_id": None}
        manifest = write_candidate(connection, candidate_folder(home / "releases", release_id), tables, about)
    publish(home / "releases", manifest, datetime.now(UTC))


def rows_of(count: int, email: str = "a@example.org") -> dict[str, list[tuple[Any, ...]]]:
    """Return rows of three tables; those of match_edges are always the same, and one of them has an empty key."""
    return {
        "profiles": [profile(f"p{number}", email) for number in range(count)],
        "touchpoints": [(f"t{number}", f"p{number}", "2.50") for number in range(count)],
        "match_edges": [("a", "b", 0.9), ("a", None, 0.1)],
    }
