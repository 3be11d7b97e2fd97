"""The records that a term of a user names: a record key, or an e-mail, phone or profile id of the live release."""

import duckdb

from cdp_orchestration.errors import DecisionError, ProfileNotFoundError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.decisions import Override, read_overrides
from cdp_orchestration.release.lookup import find_profile_ids
from cdp_orchestration.release.reader import require_live_release

_EXPECTED = "expected a key such as crm:contact:<Id>, or an e-mail, phone or profile id that names one profile"


def records_to_decide(settings: Settings, left: str, right: str) -> tuple[str, str]:
    """Return the two records that a decision is about.

    An e-mail, phone or profile id stands for a record of its profile, one that holds the value where there is one.

    Args:
        settings: the home; fails with NoReleaseError where nothing is published.
        left: the one term.
        right: the other term.

    Returns:
        The keys of two different records of the live release.

    Raises:
        DecisionError: a term names no record of the live release or several profiles, or both name one record.
    """
    with require_live_release(settings.releases).connect() as connection:
        first, second = (
            _records_named(connection, term, position)[0] for term, position in ((left, "first"), (right, "second"))
        )
    if first == second:
        raise DecisionError(
            f"both terms name the record {first}; expected two different records. Name each by its key: `cdp profile` "
            "shows the records of a profile."
        )
    return first, second


def override_between(settings: Settings, left: str, right: str) -> tuple[str, str]:
    """Return the records of the override between what two terms name.

    Args:
        settings: the home.
        left: the one term; the key of a record that is gone will do.
        right: the other term.

    Returns:
        The two keys as the override has them; the terms themselves where no override is found by other names.

    Raises:
        DecisionError: there are several such overrides.
    """
    overrides = read_overrides(settings)
    if any(override.pair == {left, right} for override in overrides):
        return left, right
    with require_live_release(settings.releases).connect() as connection:
        ends = [
            {term, *_records_named(connection, term, position)} if not _is_key_of(overrides, term) else {term}
            for term, position in ((left, "first"), (right, "second"))
        ]
    found = [override for override in overrides if _is_between(override, *ends)]
    if len(found) > 1:
        pairs = "; ".join(f"{one.person_record_id_left} and {one.person_record_id_right}" for one in found)
        raise DecisionError(f"the two terms name {len(found)} overrides ({pairs}); expected one. Name its two keys.")
    return (found[0].person_record_id_left, found[0].person_record_id_right) if found else (left, right)


def _is_key_of(overrides: list[Override], term: str) -> bool:
    return any(term in override.pair for override in overrides)


def _is_between(override: Override, left: set[str], right: set[str]) -> bool:
    one, other = override.person_record_id_left, override.person_record_id_right
    return (one in left and other in right) or (one in right and other in left)


def _records_named(connection: duckdb.DuckDBPyConnection, term: str, position: str) -> list[str]:
    """Return the record of a key, or the records of a profile, those first that hold the value that names it."""
    by_key = connection.execute(
        "select person_record_id from profile_records where person_record_id = $1 or source_record_id = $1 order by 1",
        [term.strip()],
    ).fetchall()
    if len(by_key) == 1:
        return [by_key[0][0]]
    if by_key:
        keys = ", ".join(row[0] for row in by_key[:10])
        raise DecisionError(f"the {position} term names {len(by_key)} records ({keys}); expected one. Name its key.")
    try:
        profiles = find_profile_ids(connection, term)
    except ProfileNotFoundError:
        raise DecisionError(
            f"the {position} term names no record of the live release; {_EXPECTED}. Correct it, or run `cdp sync` "
            "first if the record has just landed."
        ) from None
    if len(profiles) > 1:
        raise DecisionError(
            f"the {position} term names {len(profiles)} profiles ({', '.join(profiles[:10])}); {_EXPECTED}. "
            "Name one of them, or a record."
        )
    return [row[0] for row in connection.execute(_RECORDS_SQL, [profiles[0], term.strip()]).fetchall()]


_RECORDS_SQL = """
select profile_records.person_record_id
from profile_records
left join person_record_values as held using (person_record_id)
where profile_records.profile_id = $1
order by
    coalesce(list_contains(list_transform(held.emails, lambda value: lower(value)), lower($2)), false) desc,
    coalesce(list_contains(held.phones, '+' || regexp_replace($2, '[^0-9]', '', 'g')), false) desc,
    profile_records.person_record_id
"""
