"""What the rows of a stream say about people: which fields name one, and what each field is of a person.

The erasure of a person derives its reach from this: rows that are a person go, of rows that are facts (an order, a
ticket) what is not about people stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, model_validator

from cdp_orchestration.sources.mappings import Declared, PersonMapping, PlainText

if TYPE_CHECKING:
    from cdp_orchestration.sources.declaration import StreamDeclaration

Role = Literal["identifying", "personal", "sensitive", "key", "none"]
"""A value that points to a person by itself; about one; about one and private, such as a text; an id; none of these."""
ROLES: tuple[Role, ...] = ("identifying", "personal", "sensitive", "key", "none")
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


class PersonalDataDeclaration(Declared):
    """What each field of a stream says about people; a field that stands in no list counts as identifying."""

    rows: Literal["people", "facts"] = Field(description="Whether a row is a person, or something that happened.")
    record: PlainText | None = Field(None, description="The person records that its key names: <source>:<record type>.")
    named_by: dict[PlainText, PlainText] = Field(
        {},
        description="Fields that name a person, and as what: email, phone, loyalty_number, or <source>:<record type> "
        "where the field holds the id of such a record. A dot leads into a JSON object.",
    )
    where: PlainText | None = Field(None, description="A boolean field; where it is not true, a row is of no person.")
    identifying: tuple[PlainText, ...] = Field((), description="Fields that point to a person by themselves.")
    personal: tuple[PlainText, ...] = Field((), description="Fields about a person that do not name one.")
    sensitive: tuple[PlainText, ...] = Field((), description="Fields about a person that are private, such as texts.")
    key: tuple[PlainText, ...] = Field((), description="Fields with ids, which facts keep.")
    none: tuple[PlainText, ...] = Field(
        (), description="A dot leads into a JSON object that is otherwise about people: that member of it is not."
    )

    @model_validator(mode="after")
    def _gives_each_field_one_role(self) -> Self:
        listed = [name for role in ROLES for name in getattr(self, role)]
        twice = sorted({name for name in listed if listed.count(name) > 1})
        if twice:
            raise ValueError(f"{twice[0]} has two roles; expected one of {', '.join(ROLES)}")
        return self

    @property
    def roles(self) -> dict[str, Role]:
        """The role of each field that is listed."""
        return {name: role for role in ROLES for name in getattr(self, role)}


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


def personal_data(source: str, declared: "StreamDeclaration", is_own: bool) -> PersonalData:
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


def _from_mapping(source: str, declared: "StreamDeclaration") -> PersonalData:
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
