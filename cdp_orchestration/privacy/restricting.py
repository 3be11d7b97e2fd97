"""Keep a person and use nothing of them, until it is lifted; applied from the next sync on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex

from cdp_orchestration.errors import DecisionError
from cdp_orchestration.home.audit import Action, record
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.privacy.person import find_person, records_of_person
from cdp_orchestration.release.reader import require_live_release
from cdp_orchestration.stages.person_decisions import Restriction, read_restrictions, write_restrictions


@dataclass(frozen=True)
class Named:
    """A person as the live release knows them: the profile and the keys of its records."""

    profile_id: str
    person_record_ids: tuple[str, ...]


def named_person(settings: Settings, who: str) -> Named:
    """Return the one person of the live release that a profile id, e-mail, phone or record key names.

    Fails with NoReleaseError where nothing is published, with ProfileNotFoundError where no one or several are named.

    Args:
        settings: the home.
        who: what was asked for.

    Returns:
        The profile with its records.
    """
    with require_live_release(settings.releases).connect() as connection:
        profile_id = find_person(connection, who)
        return Named(profile_id, tuple(records_of_person(connection, profile_id)))


def restrict(settings: Settings, who: str, *, by: str, why: str) -> Named:
    """Restrict a person: all records of the profile now, also where they are parted later.

    Args:
        settings: the home; the caller holds the writer's lock.
        who: see ``named_person``.
        by: who entered it.
        why: the reason; it goes into the audit log and must not name the person.

    Returns:
        The person.

    Raises:
        DecisionError: all records of the person are restricted already.
    """
    person = named_person(settings, who)
    restrictions = read_restrictions(settings)
    known = {key for each in restrictions for key in each.person_record_ids}
    if known.issuperset(person.person_record_ids):
        raise DecisionError(
            f"profile {person.profile_id} is restricted already; expected one that is not. `cdp privacy lift` ends it."
        )
    decided = Restriction(new_decision_id(), person.person_record_ids, decided_now(), by, why)
    write_restrictions(settings, [*restrictions, decided])
    _log(settings, "restrict person", decided, by, why)
    return person


def lift(settings: Settings, who: str, *, by: str, why: str) -> Named:
    """End all restrictions of a person.

    Args:
        settings: the home; the caller holds the writer's lock.
        who: see ``named_person``.
        by: who entered it.
        why: the reason; it goes into the audit log and must not name the person.

    Returns:
        The person.

    Raises:
        DecisionError: the person is not restricted.
    """
    person = named_person(settings, who)
    restrictions = read_restrictions(settings)
    ended = _of(restrictions, person)
    if not ended:
        raise DecisionError(
            f"profile {person.profile_id} is not restricted ({len(restrictions)} restriction(s) of others); expected "
            "one that is. `cdp profile` shows who is named."
        )
    write_restrictions(settings, [each for each in restrictions if each not in ended])
    for each in ended:
        _log(settings, "lift restriction", each, by, why)
    return person


def new_decision_id() -> str:
    """Return a new id, under which the audit log names a decision."""
    return token_hex(8)


def decided_now() -> str:
    """Return the present time as decisions have it: ISO 8601 in UTC, to the second."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _of(restrictions: Sequence[Restriction], person: Named) -> list[Restriction]:
    records = set(person.person_record_ids)
    return [each for each in restrictions if records.intersection(each.person_record_ids)]


def _log(settings: Settings, action: Action, decision: Restriction, by: str, why: str) -> None:
    details = {"records": len(decision.person_record_ids)}
    record(settings.audit, action, decision.decision_id, by=by, why=why, details=details)
