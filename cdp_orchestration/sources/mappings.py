"""What the rows of a declared stream are: person records, statements of consent, deletions."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from expectations.known_values import CONSENT_CHANNELS, CONSENT_PURPOSES

ConsentEvidence = Literal["confirmed_opt_in", "single_opt_in", "form_answer"]
NAMED_IDENTIFIERS = (
    "email", "phone", "loyalty_number", "shop_customer_id", "card_fingerprint", "other_identifier", "user_id",
    "anonymous_id",
)  # fmt: skip


class Declared(BaseModel):
    """A part of a declaration: unchangeable, and a key that it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)


class PlacedError(ValueError):
    """What is wrong with parts of a declaration that do not fit each other.

    ``place`` has the keys that lead to the part that says it, ``found`` the value there that is wrong.
    """

    def __init__(self, message: str, *place: str, found: str | None = None) -> None:
        super().__init__(message)
        self.place = place
        self.found = found


MAX_PLAIN_CHARACTERS = 300


def is_plain_text(value: str) -> bool:
    """Return whether a text can stand in a generated model as it is: it is not long, and nothing of it is code."""
    return 0 < len(value) <= MAX_PLAIN_CHARACTERS and not re.search(r'["{}\x00-\x1f]', value)


def _plain_text(value: str) -> str:
    """Refuse what would be code where the text is written into a model or its description."""
    if not is_plain_text(value):
        raise ValueError('expected a text of one line without ", { and }')
    return value


def _word(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", value):
        raise ValueError("expected lower case letters, digits and underscores, beginning with a letter")
    return value


def _identifier_type(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}(\.[a-z][a-z0-9_]{0,40})?", value):
        raise ValueError("expected a word in lower case, or <source>.<record type> for the id of such a record")
    if value in NAMED_IDENTIFIERS:
        raise ValueError(f"expected another word: {value} has a key of its own in person, or is another table's word")
    return value


def _owner(value: str) -> str:
    """Refuse what Dagster takes for no owner, with which no page and no run would start."""
    if not re.fullmatch(r"team:\S.*|[^@\s]+@[^@\s]+\.[^@\s]+", value):
        raise ValueError("expected team:<name>, such as team:marketing, or a mail address")
    return value


def one_of(known: tuple[str, ...]) -> AfterValidator:
    """Return what refuses a text that is none of those known."""

    def check(value: str) -> str:
        if value not in known:
            raise ValueError(f"expected one of {', '.join(known)}")
        return value

    return AfterValidator(check)


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _meaning(value: str) -> str:
    if re.search(r"[{}\x00-\x1f]", value):
        raise ValueError("expected a text of one line without { and }")
    return value


Meaning = Annotated[str, Field(max_length=1000), AfterValidator(_meaning)]
"""A sentence for people."""
PlainText = Annotated[str, Field(min_length=1, max_length=MAX_PLAIN_CHARACTERS), AfterValidator(_plain_text)]
"""A text that stands in generated models: a field's name, a value, a meaning."""
Word = Annotated[str, AfterValidator(_word)]
"""A name that the platform uses as its own, such as that of a source, a stream or a column of staging."""
Owner = Annotated[PlainText, AfterValidator(_owner)]
"""Who answers for a source."""
IdentifierType = Annotated[str, AfterValidator(_identifier_type)]
"""The word for a kind of identifier, or <source>.<record type> for the id of a record of another source."""
FieldNames = Annotated[
    tuple[PlainText, ...], BeforeValidator(_as_list, json_schema_input_type=PlainText | list[PlainText])
]
"""One field or a list of them."""
Value = PlainText | bool | int
Values = Annotated[tuple[Value, ...], BeforeValidator(_as_list, json_schema_input_type=Value | list[Value])]
"""One value or a list of them, as the source writes them; the case of letters does not matter."""


class ConsentMapping(Declared):
    """A field in which a person states consent. A value that stands in neither list says nothing."""

    field: PlainText = Field(description="The field that states it.")
    channel: Annotated[str, one_of(CONSENT_CHANNELS)] = Field(description=f"One of {', '.join(CONSENT_CHANNELS)}.")
    purpose: Annotated[str, one_of(CONSENT_PURPOSES)] = Field(
        "marketing", description=f"One of {', '.join(CONSENT_PURPOSES)}."
    )
    granted: Values = Field((), description="The values that say yes.")
    refused: Values = Field((), description="The values that say no.")
    evidence: ConsentEvidence = Field("form_answer", description="How a yes was given; a confirmed one lifts a no.")
    stated_at: PlainText | None = Field(None, description="The field with the time of the statement.")

    @model_validator(mode="after")
    def _is_dated_where_it_lifts(self) -> Self:
        if self.evidence == "confirmed_opt_in" and not self.stated_at:
            raise ValueError("a confirmed opt-in needs `stated_at`: else it is unknown whether a refusal came later")
        if not self.granted and not self.refused:
            raise ValueError("expected values that grant or refuse")
        return self


class PersonMapping(Declared):
    """Which field of a row is what of a person. Fields are those of the stream, by their declared names."""

    record_type: Word = Field(description="The kind of person record, such as subscriber.")
    full_name: PlainText | None = Field(None, description="One field with the whole name.")
    given_name: PlainText | None = Field(None, description="The first name.")
    middle_name: PlainText | None = Field(None, description="Further first names.")
    family_name: PlainText | None = Field(None, description="The last name.")
    date_of_birth: PlainText | None = Field(None, description="A field of kind date_of_birth.")
    emails: FieldNames = Field((), description="Fields of mail addresses, of which each may hold several.")
    phones: FieldNames = Field((), description="Fields of phone numbers, of which each may hold several.")
    address_line: PlainText | None = Field(None, description="Street and number.")
    city: PlainText | None = Field(None, description="The town.")
    region: PlainText | None = Field(None, description="The state, province or canton.")
    postcode: PlainText | None = Field(None, description="The postal code.")
    country: PlainText | None = Field(None, description="The country, as a name in any language or a code.")
    preferred_language: PlainText | None = Field(None, description="A language code of two letters.")
    loyalty_numbers: FieldNames = Field((), description="Numbers of the card of the loyalty programme.")
    shop_customer_ids: FieldNames = Field((), description="Ids of the customer in the shop (ecommerce/customers).")
    card_fingerprints: FieldNames = Field((), description="What a till knows a payment card by.")
    identifiers: dict[IdentifierType, FieldNames] = Field(
        {},
        description="Identifiers of further types: two records with the same one are one person. The type is a word, "
        "or <source>.<record type> where the field holds the id of such a record, as in crm.contact.",
    )
    created_at: PlainText | None = Field(None, description="When the record began.")
    consents: tuple[ConsentMapping, ...] = Field((), description="What the person agreed to or refused.")

    @property
    def single_fields(self) -> dict[str, str]:
        """The columns of a person record that come from one field, with that field."""
        names = (
            "full_name", "given_name", "middle_name", "family_name", "date_of_birth", "address_line", "city", "region",
            "postcode", "country", "preferred_language", "created_at",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names if getattr(self, name)}

    @property
    def list_fields(self) -> dict[str, tuple[str, ...]]:
        """The columns of a person record that are lists, with the fields of their values."""
        names = ("emails", "phones", "loyalty_numbers", "shop_customer_ids", "card_fingerprints")
        return {name: getattr(self, name) for name in names if getattr(self, name)}

    @property
    def named_consents(self) -> tuple[tuple[str, ConsentMapping], ...]:
        """The consents by record type and field, and by channel and purpose where one field states several."""
        fields = [each.field for each in self.consents]
        names = [f"{self.record_type}.{each.field}" for each in self.consents]
        further = [f".{each.channel}.{each.purpose}" if fields.count(each.field) > 1 else "" for each in self.consents]
        return tuple(zip(map(str.__add__, names, further), self.consents, strict=True))


class DeletedRows(Declared):
    """How the stream shows that a row was deleted: by a field, or by its absence from the newest file."""

    field: PlainText | None = Field(None, description="The field that shows it.")
    values: Values = Field((), description="The values that say so; without any, a field that is filled.")
    absent_from_snapshot: bool = Field(
        False, description="Whether each file holds every row, so that one that the newest file lacks was deleted."
    )

    @model_validator(mode="after")
    def _says_what_shows_it(self) -> Self:
        if not self.field and not self.absent_from_snapshot:
            raise ValueError("expected `field`, with the values that say so, or `absent_from_snapshot: true`")
        return self
