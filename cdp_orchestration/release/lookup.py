"""Find one customer in a release by an id, e-mail, phone or source key, and read all their rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import duckdb

from cdp_orchestration.errors import ProfileNotFoundError
from cdp_orchestration.release.phones import international_forms

Row = dict[str, Any]


@dataclass(frozen=True)
class CustomerView:
    """One profile with its records, identifiers, metrics and touchpoints (oldest first)."""

    profile: Row
    records: list[Row]
    identifiers: list[Row]
    metrics: Row
    journeys: list[Row]
    touchpoints: list[Row]


def find_profile_ids(release: duckdb.DuckDBPyConnection, term: str) -> list[str]:
    """Return the living profiles that a profile id (also a former one), e-mail, phone or source key names.

    Args:
        release: a connection with the release's tables as views.
        term: what the user typed.

    Returns:
        Their profile ids, in order; several when they share the e-mail or phone.

    Raises:
        ProfileNotFoundError: no profile of the release has it.
    """
    for query, values in _queries(release, term.strip()):
        found = release.execute(query, values).fetchall()
        if found:
            return [row[0] for row in found]
    raise ProfileNotFoundError(
        "the live release has no profile of that id, e-mail, phone or source key; give an e-mail as the source wrote "
        "it, a phone with its country code, or a key such as crm:contact:<Id>"
    )


def _queries(release: duckdb.DuckDBPyConnection, term: str) -> Iterable[tuple[str, list[Any]]]:
    yield "select profile_id from profiles where profile_id = ?", [term]
    yield (
        "select profile_id from profile_redirects where old_profile_id = ? and profile_id is not null",
        [term],
    )
    by_key = "select distinct profile_id from profile_records where source_record_id = $1"
    full_key = "concat_ws(':', source_system, source_record_type, source_record_id)"
    yield f"{by_key} or {full_key} = $1 order by 1", [term]
    by_identifier = "select distinct profile_id from profile_identifiers where identifier_value in (select unnest(?))"
    yield f"{by_identifier} order by 1", [[term, term.lower(), *_as_e164(release, term)]]


def _as_e164(release: duckdb.DuckDBPyConnection, term: str) -> list[str]:
    return sorted(international_forms(term, _regions(release)))


def _regions(release: duckdb.DuckDBPyConnection) -> list[str]:
    query = "select country_code from profiles where country_code is not null group by 1 order by count(*) desc, 1"
    return [row[0] for row in release.execute(query).fetchall()]


def read_customer(release: duckdb.DuckDBPyConnection, profile_id: str) -> CustomerView:
    """Return one profile with its records, identifiers, metrics, journeys and touchpoints."""

    def rows(table: str, order: str) -> list[Row]:
        relation = release.execute(f"select * from {table} where profile_id = ? order by {order}", [profile_id])
        names = [column[0] for column in relation.description]
        return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]

    return CustomerView(
        profile=rows("profiles", "profile_id")[0],
        records=rows("profile_records", "source_system, source_record_type, source_record_id"),
        identifiers=rows("profile_identifiers", "identifier_type, is_primary desc, identifier_value"),
        metrics=rows("profile_metrics", "profile_id")[0],
        journeys=rows("journeys", "started_at, journey_id"),
        touchpoints=rows("touchpoints", "occurred_at, touchpoint_id"),
    )
