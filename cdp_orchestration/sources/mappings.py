"""What the rows of a declared stream are: person records, interactions, statements of consent, deletions."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from expectations.known_values import CHANNELS, CONSENT_CHANNELS, CONSENT_PURPOSES, STAGES

ConsentEvidence = Literal["confirmed_opt_in", "single_opt_in", "form_answer"]
DEFAULT_EVENT = "*"


class Declared(BaseModel):
    """A part of a declaration: unchangeable, and a key that it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)


def _plain_text(value: str) -> str:
    """Refuse what would be code where the text is written into a model or its description."""
    if re.search(r'["{}\x00-\x1f]', value):
        raise ValueError('expected a text of one line without ", { and }')
    return value


def _word(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", value):
        raise ValueError("expected lower case letters, digits and underscores, beginning with a letter")
    return value


def _one_of(known: tuple[str, ...]) -> AfterValidator:
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
PlainText = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_plain_text)]
"""A text that stands in generated models: a field's name, a value, a meaning."""
Word = Annotated[str, AfterValidator(_word)]
"""A name that the platform uses as its own, such as that of a source, a stream or a column of staging."""
FieldNames = Annotated[tuple[PlainText, ...], BeforeValidator(_as_list)]
"""One field or a list of them."""
Values = Annotated[tuple[PlainText | bool | int, ...], BeforeValidator(_as_list)]
"""One value or a list of them, as the source writes them; the case of letters does not matter."""


class ConsentMapping(Declared):
    """A field in which a person states consent. A value that stands in neither list says nothing."""

    field: PlainText
    channel: Annotated[str, _one_of(CONSENT_CHANNELS)]
    purpose: Annotated[str, _one_of(CONSENT_PURPOSES)] = "marketing"
    granted: Values = ()
    refused: Values = ()
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
    given_name: PlainText | None = None
    middle_name: PlainText | None = None
    family_name: PlainText | None = None
    date_of_birth: PlainText | None = None
    emails: FieldNames = ()
    phones: FieldNames = ()
    address_line: PlainText | None = None
    city: PlainText | None = None
    region: PlainText | None = None
    postcode: PlainText | None = None
    country: PlainText | None = None
    preferred_language: PlainText | None = Field(None, description="A language code of two letters.")
    loyalty_numbers: FieldNames = ()
    shop_customer_ids: FieldNames = ()
    card_fingerprints: FieldNames = ()
    created_at: PlainText | None = None
    consents: tuple[ConsentMapping, ...] = ()

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


class RecordReference(Declared):
    """The person record to which an interaction belongs, by the id that a field holds."""

    field: PlainText
    record_type: Word
    source: Word | None = Field(None, description="The source of the record; without it that of the interaction.")


class TaxonomyRow(Declared):
    """What kind of touchpoint an event is."""

    touchpoint_type: Word
    channel: Annotated[str, _one_of(CHANNELS)]
    stage: Annotated[str, _one_of(STAGES)]
    effort_weight: int = Field(1, ge=0, le=6, description="0 nothing is asked, 1 a look, 3 a form, 5 a call, 6 a way.")
    is_creditable: bool = Field(True, description="Whether it can have led to a purchase; not what the company does.")


class InteractionMapping(Declared):
    """Which field of a row is what of an interaction. Without ``of`` it is that of the person in the same row."""

    record_type: Word = Field(description="The kind of interaction, such as campaign_activity.")
    occurred_at: PlainText
    event: FieldNames = Field((), description="Fields whose words name the event.")
    of: RecordReference | None = None
    campaign: PlainText | None = None
    topic: PlainText | None = None
    taxonomy: dict[str, TaxonomyRow] = Field(
        description='By the words of the event, such as open or email.open; "*" for any other.'
    )


class DeletedRows(Declared):
    """How the stream shows that a row was deleted: by a field, or by its absence from the newest file."""

    field: PlainText | None = None
    values: Values = Field((), description="The values that say so; without any, a field that is filled.")
    absent_from_snapshot: bool = Field(
        False, description="Whether each file holds every row, so that one that the newest file lacks was deleted."
    )
