"""What a declaration says of each field of a stream: whether it is about people, and in which way."""

from typing import Literal, Self

from pydantic import Field, model_validator

from cdp_orchestration.sources.mappings import Declared, PlainText

Role = Literal["identifying", "personal", "sensitive", "key", "none"]
"""A value that points to a person by itself; about one; about one and private, such as a text; an id; none of these."""
ROLES: tuple[Role, ...] = ("identifying", "personal", "sensitive", "key", "none")


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
