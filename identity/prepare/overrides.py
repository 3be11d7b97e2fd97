"""Overrides: pairs of records that a person decided to be one customer (must_link) or two (cannot_link)."""

import duckdb
import numpy as np
import pyarrow as pa

from identity.errors import IdentityError
from identity.graph import connected_components
from identity.schemas import OVERRIDES

DECISIONS = ("must_link", "cannot_link")

# A link that no person decided: a record that changed everything at once stays with its person by its key
KEPT = "same_record_key"
_LINKS = ("must_link", KEPT)


def check_overrides(overrides: pa.Table) -> None:
    """Check that overrides are valid and do not contradict each other.

    Records are one person through any chain of must_links; a cannot_link inside such a chain is a contradiction.

    Args:
        overrides: One row per decision; see `identity.schemas.OVERRIDES`.

    Raises:
        IdentityError: A decision is unknown, names one record twice, or contradicts others.
    """
    rows = overrides.select(["decision", "person_record_id_left", "person_record_id_right"]).to_pylist()
    for row in rows:
        if row["decision"] not in (*DECISIONS, KEPT) or row["person_record_id_left"] == row["person_record_id_right"]:
            raise IdentityError(
                f"An override says {row['decision']} of {row['person_record_id_left']} and "
                f"{row['person_record_id_right']}; expected {' or '.join(DECISIONS)} of two different records. "
                "Correct the override.",
                records=(row["person_record_id_left"], row["person_record_id_right"]),
            )
    groups = _must_link_groups(rows)
    for row in rows:
        left, right = row["person_record_id_left"], row["person_record_id_right"]
        if row["decision"] == "cannot_link" and groups.get(left, left) == groups.get(right, right):
            raise IdentityError(
                f"The overrides contradict each other: {left} and {right} cannot be one person, but must_link "
                "overrides make them one. Withdraw the cannot_link or one of the must_links between them.",
                records=(left, right),
            )


def _must_link_groups(rows: list[dict[str, str]]) -> dict[str, str]:
    pairs = [(r["person_record_id_left"], r["person_record_id_right"]) for r in rows if r["decision"] in _LINKS]
    keys = sorted({key for pair in pairs for key in pair})
    number = {key: position for position, key in enumerate(keys)}
    labels = connected_components(len(keys), [number[left] for left, _ in pairs], [number[right] for _, right in pairs])
    return {key: keys[label] for key, label in zip(keys, np.asarray(labels), strict=True)}


def create_overrides(work: duckdb.DuckDBPyConnection, overrides: pa.Table | None) -> None:
    """Create tables `overrides` (decision, left_id, right_id) and `overridden` (person_record_id).

    Args:
        work: The workspace.
        overrides: One row per decision; see `check_overrides`, which checks them.
    """
    overrides = overrides or OVERRIDES.empty_table()
    check_overrides(overrides)
    work.register("overrides_arrow", overrides)
    work.execute(
        """
        create table overrides as
        select distinct
            decision,
            least(person_record_id_left, person_record_id_right) as left_id,
            greatest(person_record_id_left, person_record_id_right) as right_id
        from overrides_arrow
        """
    )
    work.unregister("overrides_arrow")
    create_overridden(work)


def create_overridden(work: duckdb.DuckDBPyConnection) -> None:
    """Create table `overridden` (person_record_id): the records that table `overrides` names."""
    work.execute(
        """
        create table overridden as
        select left_id as person_record_id from overrides
        union
        select right_id from overrides
        """
    )


def create_override_pairs(work: duckdb.DuckDBPyConnection) -> None:
    """Create table `override_pairs` (left_unit, right_unit, decision, override_reason).

    One row per override of which both records exist; a record that is kept by its key is a must_link of that reason.
    """
    work.execute(
        f"""
        create or replace table override_pairs as
        select
            least(l.unit, r.unit) as left_unit,
            greatest(l.unit, r.unit) as right_unit,
            if(decision = '{KEPT}', 'must_link', decision) as decision,
            decision as override_reason
        from overrides
        inner join unit_members as l on left_id = l.person_record_id
        inner join unit_members as r on right_id = r.person_record_id
        """
    )
