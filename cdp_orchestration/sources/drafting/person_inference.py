"""What headings and values say of a person: the parts of name and address, and contacts. Guesses, by rule."""

import re
from collections.abc import Mapping, Sequence

from cdp_orchestration.sources.drafting.headings import (
    ADDRESS,
    AROUND,
    CONTACTS,
    CONTACTS_OF_SOMEBODY,
    NAMES,
    OF_EITHER,
    OF_STAFF,
    OF_THING,
    ONE_NAME,
    QUALIFIERS,
    VALUES,
)
from cdp_orchestration.sources.drafting.samples import Sample, filled, letters_of, members_of

Meanings = dict[str, tuple[str, ...]]
_ADDRESS = r"[^@\s;,|<>]+@[^@\s;,|<>]+\.[^@\s;,|<>]+"
_HAS_EMAIL = re.compile(rf"(?s).*{_ADDRESS}.*")
_EMAIL = re.compile(_ADDRESS)
_PHONE = re.compile(r"'?[+(]?[\d][\d\s()./;,|-]{5,}((x|ext)\.?\s*\d+)?", re.IGNORECASE)
_INTERNATIONAL_PHONE = re.compile(r"'?\+\d[\d\s()./-]{6,18}")
_FORMS = {"emails": _HAS_EMAIL, "phones": _PHONE}
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[\s.,'’`´-])*")
_STATES = {
    "open", "closed", "pending", "paid", "confirmed", "cancelled", "canceled", "shipped", "delivered", "active",
    "inactive", "new", "done", "draft", "failed", "completed", "complete", "refunded", "on_hold", "processing",
    "enabled", "disabled", "invited", "declined", "subscribed", "unsubscribed", "not_subscribed",
}  # fmt: skip


def meanings_of(sample: Sample) -> Meanings:
    """Return the attributes of a person that a sample has, each with its columns."""
    values = {name: filled(each) for name, each in sample.columns.items()}
    found = _names(values)
    for name in values:
        meaning = _meaning(name, VALUES)
        if meaning and (meaning.endswith("s") or meaning not in found):
            found[meaning] = (*found.get(meaning, ()), name)
    found |= _address(values)
    # The last of these counts most
    found |= _contacts_by_value(values, found) | _contacts_of_either(values) | _contacts(values)
    order = {name: place for place, name in enumerate(values)}
    return dict(sorted(found.items(), key=lambda each: order[each[1][0]]))


def _meaning(name: str, meanings: Mapping[str, str]) -> str | None:
    forms = (letters_of(name), _without_qualifiers(letters_of(name)))
    return next((meaning for each in forms for meaning, form in meanings.items() if re.fullmatch(form, each)), None)


def _without_qualifiers(letters: str) -> str:
    """Return the word for a value without the words for whose it is, such as ``firstname`` of ``customerfirstname``."""
    core = letters
    while match := QUALIFIERS.match(core):
        core = core[match.end() :]
    # Of an address that is one, the word is the qualifier
    return core if not re.fullmatch(r"\d*|line|number", core) else letters


def _names(values: Mapping[str, list[str]]) -> Meanings:
    found: Meanings = {}
    for name, given in values.items():
        letters = letters_of(name)
        meaning = "full_name" if ONE_NAME.fullmatch(letters) else _meaning(name, NAMES)
        around = [letters_of(member) for member in members_of(name)[:-1]]
        is_about_person = all(map(AROUND.fullmatch, around)) and not OF_THING.match(letters)
        if meaning and is_about_person and (not given or mostly(given, _NAME)):
            found.setdefault(meaning, (name,))
    plain = {letters_of(name): name for name, given in values.items() if mostly(given, _NAME)}
    if {"first", "last"} <= plain.keys():  # each alone may be anything
        found = {"given_name": (plain["first"],), "family_name": (plain["last"],), **found}
    whole = found.get("full_name", ("",))
    if len(parts := found.keys() & {"given_name", "family_name"}) == 1 and ONE_NAME.fullmatch(letters_of(whole[0])):
        found[({"given_name", "family_name"} - parts).pop()] = whole
    if found.keys() & {"given_name", "family_name"}:
        found.pop("full_name", None)
    return found


def _address(values: Mapping[str, list[str]]) -> Meanings:
    """Return the parts of one address: of several the one with most parts, such as that at home, then the first.

    A part that stands alone belongs to any address that lacks it.
    """
    parts: dict[str, Meanings] = {}
    for name, given in values.items():
        match = next(filter(None, (_part_of_address(name, meaning) for meaning in ADDRESS)), None)
        is_other = mostly(given, _HAS_EMAIL) or (match is not None and match[0] == "region" and _are_states(given))
        if match and not is_other:
            meaning, of = match
            parts.setdefault(of, {}).setdefault(meaning, (name,))
    main = max(parts.values(), key=len, default={})
    alone = [found for found in parts.values() if len(found) == 1]
    return {meaning: columns for found in (main, *alone) for meaning, columns in found.items()} | main


def _part_of_address(name: str, meaning: str) -> tuple[str, str] | None:
    """Return the part of an address that a heading names, and which address it is of."""
    letters = letters_of(name)
    match = re.fullmatch(rf"(.*?)(?:{ADDRESS[meaning]})", letters)
    if not match or not _is_word_before(name, match[1]) or OF_THING.match(letters):
        return None
    return meaning, ".".join((*map(letters_of, members_of(name)[:-1]), match[1].removesuffix("address")))


def _is_word_before(name: str, letters: str) -> bool:
    """Return whether letters are words of a heading before its last one, not its beginning as ``rep`` of report."""
    words = re.findall(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+(?![a-z])", members_of(name)[-1])
    beginnings = {"".join(map(letters_of, words[:count])) for count in range(len(words))}
    return letters in {"", *beginnings} or _without_qualifiers(f"{letters}x") == "x"


def _are_states(given: list[str]) -> bool:
    return bool({value.lower() for value in given} & _STATES) or (bool(given) and all(map(str.isdigit, given)))


def _contacts(values: Mapping[str, list[str]]) -> Meanings:
    """Return the contacts that headings name: those of somebody else only where there are no others."""
    found: Meanings = {}
    for meaning, form in _FORMS.items():
        columns = [
            name
            for name, given in values.items()
            if mostly(given, form) and not _is_of_staff(name) and not _is_of_either(name)
        ]
        known = [name for name in columns if re.fullmatch(CONTACTS[meaning], _without_qualifiers(letters_of(name)))]
        others = [name for name in columns if re.fullmatch(CONTACTS_OF_SOMEBODY[meaning], letters_of(name))]
        found |= {meaning: tuple(known or others)} if known or others else {}
    return found


def _is_of_staff(name: str) -> bool:
    return any(OF_STAFF.match(letters_of(member)) for member in members_of(name))


def _is_of_either(name: str) -> bool:
    return any(OF_EITHER.fullmatch(letters_of(member)) for member in members_of(name))


def _contacts_of_either(values: Mapping[str, list[str]]) -> Meanings:
    """Return contacts of one of two sides: those that differ most from row to row, as the company has one for all."""
    found: Meanings = {}
    for meaning, form in _FORMS.items():
        counts = sorted(
            (
                (len(set(given)), name)
                for name, given in values.items()
                if _is_of_either(name) and not _is_of_staff(name) and mostly(given, form)
            ),
            reverse=True,
        )
        if len(counts) == 1 or (len(counts) > 1 and counts[0][0] > counts[1][0]):
            found[meaning] = (counts[0][1],)
    return found


def _contacts_by_value(values: Mapping[str, list[str]], found: Meanings) -> Meanings:
    """Return columns of contacts whose headings do not say so."""
    taken = {name for names in found.values() for name in names}
    more: Meanings = {}
    for meaning, form in (("emails", _EMAIL), ("phones", _INTERNATIONAL_PHONE)):
        names = [
            name
            for name, given in values.items()
            if name not in taken and not _is_of_staff(name) and not _is_of_either(name) and mostly(given, form, share=1)
        ]
        more |= {meaning: tuple(names[:1])} if names else {}
    return more


def mostly(values: Sequence[str], form: re.Pattern[str], share: float = 0.8) -> bool:
    """Return whether at least a share of some values is of a form."""
    return bool(values) and sum(bool(form.fullmatch(value)) for value in values) >= share * len(values)
