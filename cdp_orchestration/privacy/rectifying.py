"""Set a golden value of a person in place of what the sources say; applied from the next sync on.

The records stay as they were delivered, and so does who is who: only what profiles show changes, with the decision as
its source. To correct the record itself is for the system that delivers it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from cdp_orchestration.errors import DecisionError
from cdp_orchestration.home.audit import Action, record
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.privacy.restricting import Named, decided_now, named_person, new_decision_id
from cdp_orchestration.release.phones import international_forms
from cdp_orchestration.stages.person_decisions import Rectification, read_rectifications, write_rectifications

_EARLIEST_BIRTH = date(1900, 1, 1)
_LONGEST = 200


def rectify(settings: Settings, who: str, attribute: str, value: str, *, by: str, why: str) -> Named:
    """Set a golden value of a person, in place of one that was set before.

    Fails with DecisionError where the attribute is unknown, or the value is none of its kind.

    Args:
        settings: the home; the caller holds the writer's lock.
        who: a profile id, e-mail, phone or record key; see ``named_person``.
        attribute: one of ``ATTRIBUTES``.
        value: the value as a person writes it; its standard form is stored.
        by: who entered it.
        why: the reason; it is published with the value.

    Returns:
        The person.
    """
    standard = standard_value(attribute, value)
    person = named_person(settings, who)
    kept, _ = _parted(read_rectifications(settings), person, attribute)
    decided = Rectification(
        new_decision_id(), person.person_record_ids, decided_now(), by, why, attribute=attribute, value=standard
    )
    write_rectifications(settings, [*kept, decided])
    _log(settings, "rectify person", decided, by, why)
    return person


def withdraw_rectification(settings: Settings, who: str, attribute: str, *, by: str, why: str) -> Named:
    """Let the sources decide about a value again.

    Args:
        settings: the home; the caller holds the writer's lock.
        who: a profile id, e-mail, phone or record key; see ``named_person``.
        attribute: one of ``ATTRIBUTES``.
        by: who entered it.
        why: the reason.

    Returns:
        The person.

    Raises:
        DecisionError: no one set this value of the person.
    """
    _require_attribute(attribute)
    person = named_person(settings, who)
    kept, ended = _parted(read_rectifications(settings), person, attribute)
    if not ended:
        raise DecisionError(
            f"no one set {attribute} of profile {person.profile_id}; expected a value that was set. `cdp profile` "
            "shows the profile."
        )
    write_rectifications(settings, kept)
    for each in ended:
        _log(settings, "withdraw rectification", each, by, why)
    return person


def standard_value(attribute: str, value: str) -> str:
    """Return a value in the form of its attribute.

    Args:
        attribute: one of ``ATTRIBUTES``.
        value: the value as a person writes it.

    Returns:
        The standard form.

    Raises:
        DecisionError: the attribute is unknown, or the value is none of its kind; the message does not repeat it.
    """
    _require_attribute(attribute)
    form, expected = ATTRIBUTES[attribute]
    standard = form(" ".join(value.split()))
    if not standard:
        raise DecisionError(f"the value of {attribute} is none of its kind; expected {expected}. Correct the value.")
    return standard


def _require_attribute(attribute: str) -> None:
    if attribute not in ATTRIBUTES:
        raise DecisionError(
            f"{attribute[:40]!r} is no value that can be set; expected one of {', '.join(ATTRIBUTES)}. Correct it."
        )


def _parted(
    rectifications: list[Rectification], person: Named, attribute: str
) -> tuple[list[Rectification], list[Rectification]]:
    """Return what stays, and what is about this value of the person."""
    records = set(person.person_record_ids)
    theirs = [
        each for each in rectifications if each.attribute == attribute and records.intersection(each.person_record_ids)
    ]
    return [each for each in rectifications if each not in theirs], theirs


def _text(value: str) -> str:
    return value if len(value) <= _LONGEST and value.isprintable() else ""


def _email(value: str) -> str:
    return value.lower() if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value) and len(value) <= _LONGEST else ""


def _phone(value: str) -> str:
    forms = international_forms(value, ())
    return forms.pop() if forms else ""


def _date(value: str) -> str:
    try:
        found = date.fromisoformat(value)
    except ValueError:
        return ""
    return found.isoformat() if _EARLIEST_BIRTH <= found <= datetime.now(UTC).date() else ""


def _country(value: str) -> str:
    import pycountry

    found = pycountry.countries.get(alpha_2=value.upper()) if len(value) == 2 else None
    return str(found.alpha_2) if found else ""


def _language(value: str) -> str:
    return value.lower() if re.fullmatch(r"[A-Za-z]{2,3}", value) else ""


_TEXT = (_text, f"a text of 1 to {_LONGEST} printable characters")
ATTRIBUTES: Mapping[str, tuple[Callable[[str], str], str]] = {
    "full_name": _TEXT,
    "given_name": _TEXT,
    "family_name": _TEXT,
    "date_of_birth": (_date, "a day such as 1980-12-31, of 1900 or later and not in the future"),
    "email": (_email, "an e-mail such as ada@example.com"),
    "phone": (_phone, "a phone with its country code, such as +49 30 123456"),
    "address_line": _TEXT,
    "city": _TEXT,
    "region": _TEXT,
    "postcode": _TEXT,
    "country_code": (_country, "two letters of ISO 3166, such as DE"),
    "preferred_language": (_language, "a language code such as de"),
}
"""The values that a person may set: the form of each, and what is expected in words."""


def _log(settings: Settings, action: Action, decision: Rectification, by: str, why: str) -> None:
    details = {"records": len(decision.person_record_ids), "attribute": decision.attribute}
    record(settings.audit, action, decision.decision_id, by=by, why=why, details=details)
