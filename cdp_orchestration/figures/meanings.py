"""What the fields of a stream mean, as far as a wrong value harms: by their declaration first, by their names else."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cdp_orchestration.sources import Field, Stream
from cdp_orchestration.sources.mappings import PersonMapping

# What decides who a person is, what was paid and when, and who may be sent what. Names are compared by letters.
_DECISIVE = frozenset(
    {
        "email", "receiptemail", "phone", "mobilephone", "receiptphone", "givenname", "firstname", "familyname",
        "lastname", "fullname", "name", "dateofbirth", "birthdate", "postcode", "zip", "loyaltynumber",
        "cardfingerprint", "currency",
    }
)  # fmt: skip
_CONSENTS = re.compile(r"consent.*(state|status)|opt.*(in|out)|donotcall|unsubscribed|subscribed", re.IGNORECASE)
_PERSONS = re.compile(
    r"(contact|customer|user|requester|member|person|subscriber|patient|guest|client)(id|no|number)?$"
)
_ENDS = re.compile(r"deleted|archived|erased|^active|suspended|removed")
_VARIES = re.compile(r"current|balance|remaining|outstanding|updated|modified|changed")
_LISTS = {
    "emails": "email",
    "phones": "phone",
    "loyalty_numbers": "loyaltynumber",
    "shop_customer_ids": "customerid",
    "card_fingerprints": "cardfingerprint",
}


def letters(name: str) -> str:
    """Return the letters of a name, by which names are compared, without the marks of yes or no and of one's own."""
    return re.sub(r"[^a-z]", "", name.lower()).removeprefix("is").removesuffix("c" if name.endswith("__c") else "")


def is_decisive(word: str) -> bool:
    """Return whether a value of this meaning says who somebody is, or what money it is."""
    return word in _DECISIVE or word.removeprefix("mailing") in _DECISIVE


def is_of_person(word: str) -> bool:
    """Return whether a value of this meaning is a name, a contact or a place of a person."""
    return (is_decisive(word) and word != "currency") or word in ("city", "mailingcity")


def is_consent(label: str) -> bool:
    """Return whether a field or member says what a person permits, by its name."""
    return bool(_CONSENTS.search(label))


def names_person(word: str) -> bool:
    """Return whether an id of this meaning says whose a row is."""
    return bool(_PERSONS.search(word)) or word in ("loyaltynumber", "cardfingerprint")


def ends_rows(word: str) -> bool:
    """Return whether a yes or no of this meaning says that a row is no longer one."""
    return bool(_ENDS.search(word))


def varies(word: str) -> bool:
    """Return whether a value of this meaning is expected to change."""
    return bool(_VARIES.search(word))


@dataclass(frozen=True)
class Meanings:
    """The fields of a stream by what its declaration says of them; empty for one that ships without a mapping.

    Attributes:
        words: the meaning of a field, by its name.
        references: fields that say whose a row is, or to which order it belongs.
        consents: fields in which a person states consent.
        money_and_times: fields with amounts that count, and with the time of what happened.
        endings: the field that says that a row was deleted, with the values that say so.
    """

    words: dict[str, str]
    references: frozenset[str]
    consents: frozenset[str]
    money_and_times: frozenset[str]
    endings: dict[str, tuple[str, ...]]

    def word(self, field: Field) -> str:
        """Return what a field means: as declared, else by the name that staging gives it."""
        return self.words.get(field.name) or letters(field.staged_name or field.name)


def meanings_of(stream: Stream) -> Meanings:
    """Return what the declaration of a stream says about its fields."""
    declared = stream.mapping
    person, interaction = (declared.person, declared.interaction) if declared else (None, None)
    words = dict(_words_of_person(person)) if person else {}
    references, counted = set(), set()
    if interaction:
        references = {part.field for part in (interaction.of, interaction.order) if part}
        counted = {name for name in (interaction.occurred_at, interaction.amount) if name}
        if interaction.of:
            words.setdefault(interaction.of.field, "personid")
        if interaction.currency:
            words[interaction.currency] = "currency"
    if person:
        references.update(name for names in person.identifiers.values() for name in names)
    consents = {consent.field for consent in person.consents} if person else set()
    deleted = declared.deleted if declared else None
    endings = (
        {deleted.field: tuple(str(value).lower() for value in deleted.values)} if deleted and deleted.field else {}
    )
    return Meanings(words, frozenset(references), frozenset(consents), frozenset(counted), endings)


def _words_of_person(person: PersonMapping) -> Iterator[tuple[str, str]]:
    for column, field in person.single_fields.items():
        yield field, letters(column)
    for column, names in person.list_fields.items():
        yield from ((name, _LISTS[column]) for name in names)
