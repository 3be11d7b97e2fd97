"""What the rows of a stream say about people: which fields name one, and what each field is of a person.

The erasure of a person derives its reach from this: rows that are a person go, of rows that are facts (an order, a
ticket) what is not about people stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cdp_orchestration.sources.declaration import StreamDeclaration
from cdp_orchestration.sources.mappings import PersonMapping
from cdp_orchestration.sources.personal_data_declaration import Role

KEPT_ROLES: frozenset[Role] = frozenset({"key", "none"})
"""What is kept of a fact whose person is erased."""
EMAIL, PHONE = "email", "phone"
_ROLES_OF_PARTS: dict[str, Role] = {
    **dict.fromkeys(("city", "region", "postcode", "country", "preferred_language", "created_at"), "personal"),
    "date_of_birth": "sensitive",
}
_NAMED_LISTS = {
    "emails": EMAIL,
    "phones": PHONE,
    "loyalty_numbers": "loyalty_number",
    "shop_customer_ids": "ecommerce:customer",
    "card_fingerprints": "in_store:payment_card",
}


@dataclass(frozen=True)
class PersonalData:
    """What the rows of a stream say about people.

    Attributes:
        are_people: whether a row is a person; else it is a fact that stays without its person.
        named_by: the path of each value that names a person, and as what: a kind of contact or identifier, or the
            beginning of the key of a person record.
        roles: the role of each field.
        record: the beginning of the key of the person record that a row is, or leads to; its key is the rest.
        where: a boolean field; where it is not true, the row is of no person.
    """

    are_people: bool
    named_by: Mapping[tuple[str, ...], str]
    roles: Mapping[str, Role]
    record: str | None = None
    where: str | None = None

    def kept_members(self, field: str) -> tuple[str, ...]:
        """Return the paths of what is not about people in a JSON field that is, such as the channel of a ticket."""
        inside = (name.partition(".") for name, role in self.roles.items() if role in KEPT_ROLES)
        return tuple(path for name, _, path in inside if path and name == field)

    def role_of(self, field: str) -> Role:
        """Return the role of a field, that of a value that identifies where none is declared."""
        return self.roles.get(field, "identifying")


def personal_data(source: str, declared: StreamDeclaration, is_own: bool) -> PersonalData:
    """Return what the rows of a stream say about people.

    Args:
        source: the word for the source.
        declared: the declaration of the stream.
        is_own: whether a home declares the stream; what is not said about people then follows from its mapping.

    Returns:
        Of a stream that maps neither people nor interactions, and says nothing: facts that name no one.
    """
    said = declared.personal_data
    if said is None:
        return _from_mapping(source, declared) if is_own else PersonalData(False, {}, {})
    named = {tuple(path.split(".")): kind for path, kind in said.named_by.items()}
    return PersonalData(said.rows == "people", named, said.roles, said.record, said.where)


def _from_mapping(source: str, declared: StreamDeclaration) -> PersonalData:
    person, interaction = declared.person, declared.interaction
    named: dict[tuple[str, ...], str] = {}
    roles: dict[str, Role] = {}
    if person:
        named |= _named_by(person)
        roles |= {field: _ROLES_OF_PARTS.get(part, "identifying") for part, field in person.single_fields.items()}
        roles |= {consent.field: "sensitive" for consent in person.consents}
    if interaction:
        if interaction.of:
            named[(interaction.of.field,)] = f"{interaction.of.source or source}:{interaction.of.record_type}"
        plain = [*interaction.plain_fields, declared.survey_field(interaction.score)]
        roles |= {interaction.comment: "sensitive"} if interaction.comment else {}
        roles |= {name: "none" for name in plain if name and (name,) not in named}
    roles |= {declared.cursor: "none"} if declared.cursor else {}
    roles |= dict.fromkeys(declared.key, "key")
    record = f"{source}:{person.record_type}" if person else None
    return PersonalData(person is not None and interaction is None, named, roles, record)


def _named_by(person: PersonMapping) -> dict[tuple[str, ...], str]:
    lists: Any = person.list_fields.items()
    named: dict[tuple[str, ...], str] = {(field,): _NAMED_LISTS[column] for column, fields in lists for field in fields}
    for kind, fields in person.identifiers.items():
        named |= {(field,): kind.replace(".", ":") for field in fields}
    return named
