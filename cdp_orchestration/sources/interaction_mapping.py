"""What a row of a declared stream is that somebody did: when, which touchpoint, whose, worth what, and how it felt."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from cdp_orchestration.sources.event_words import refuse_doubtful_events
from cdp_orchestration.sources.mappings import Declared, FieldNames, PlainText, Values, Word, one_of
from expectations.known_values import CHANNELS, STAGES

DEFAULT_EVENT = "*"


class RecordReference(Declared):
    """The person record to which an interaction belongs, by the id that a field holds."""

    field: PlainText = Field(description="The field with the id of the record.")
    record_type: Word = Field(description="The kind of person record that has it.")
    source: Word | None = Field(None, description="The source of the record; without it that of the interaction.")


class TaxonomyRow(Declared):
    """What kind of touchpoint an event is."""

    touchpoint_type: Word = Field(description="The word for it, such as campaign_opened, order or call.")
    channel: Annotated[str, one_of(CHANNELS)] = Field(description=f"One of {', '.join(CHANNELS)}.")
    stage: Annotated[str, one_of(STAGES)] = Field(description=f"One of {', '.join(STAGES)}.")
    effort_weight: int = Field(1, ge=0, le=6, description="0 nothing is asked, 1 a look, 3 a form, 5 a call, 6 a way.")
    is_creditable: bool = Field(True, description="Whether it can have led to a purchase; not what the company does.")


class MarkedRows(Declared):
    """Rows in which a field has one of some values."""

    field: PlainText = Field(description="The field that marks them.")
    values: Values = Field(min_length=1, description="The values that do.")


class OrderReference(Declared):
    """The interaction that is the order to which an amount belongs, by the id that a field holds."""

    field: PlainText = Field(description="The field with the id of the order.")
    record_type: Word = Field(description="The kind of interaction that the order is.")
    source: Word | None = Field(None, description="The source of the order; without it that of the interaction.")


class InteractionMapping(Declared):
    """Which field of a row is what of an interaction. Without ``of`` it is that of the person in the same row."""

    record_type: Word = Field(description="The kind of interaction, such as campaign_activity.")
    occurred_at: PlainText = Field(description="When it occurred: a timestamp or occurrence.")
    event: FieldNames = Field((), description="Fields whose words name the event.")
    of: RecordReference | None = Field(None, description="Whose it is; without it that of the person in the row.")
    campaign: PlainText | None = Field(None, description="The campaign that it belongs to.")
    topic: PlainText | None = Field(None, description="What it is about, in a few words.")
    score: PlainText | None = Field(None, description="The answer to a survey: a field of kind score.")
    comment: PlainText | None = Field(None, description="What the customer wrote; its mood follows from rated texts.")
    amount: PlainText | None = Field(None, description="Money that the customer pays; with it the interaction counts.")
    currency: PlainText | None = Field(None, description="The field with the code of the currency.")
    currency_code: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = Field(None, description="Or the code itself.")
    is_paid_back: bool = Field(False, description="Whether the amounts are paid back, whatever sign they have.")
    paid_back: MarkedRows | None = Field(None, description="Rows whose amounts are paid back, whatever sign they have.")
    order: OrderReference | None = Field(None, description="The order to which the amount belongs, of a refund.")
    uncounted: MarkedRows | None = Field(None, description="Rows whose amount does not count, such as cancelled ones.")
    renewal: MarkedRows | None = Field(None, description="Rows that no customer decided on, as of a contract.")
    taxonomy: dict[str, TaxonomyRow] = Field(
        description='By the words of the event, such as open or email.open; "*" for any other.'
    )

    @model_validator(mode="after")
    def _says_what_money_it_is(self) -> Self:
        if not self.amount:
            given = ("currency", "currency_code", "order", "uncounted", "renewal", "paid_back")
            idle = [name for name in given if getattr(self, name)]
            if idle or self.is_paid_back:
                raise ValueError(f"{', '.join(idle) or 'is_paid_back'} needs `amount`")
            return self
        if bool(self.currency) == bool(self.currency_code):
            raise ValueError("an amount needs either `currency`, a field, or `currency_code`, such as EUR")
        is_purchase = any(row.stage == "purchase" for row in self.taxonomy.values())
        if not is_purchase and not self.order and not self.is_paid_back and not self.paid_back:
            raise ValueError("amounts that are no orders: expected stage purchase in a row of `taxonomy`, or `order`")
        return self

    @model_validator(mode="after")
    def _names_each_event_once(self) -> Self:
        refuse_doubtful_events((each for each in self.taxonomy if each != DEFAULT_EVENT), len(self.event))
        return self

    @property
    def marks(self) -> tuple[MarkedRows, ...]:
        """The rows that count otherwise than the rest."""
        return tuple(rows for rows in (self.uncounted, self.renewal, self.paid_back) if rows)

    @property
    def named_fields(self) -> tuple[str, ...]:
        """The fields of the stream that it names."""
        return (*self.plain_fields, *([self.comment] if self.comment else []))

    @property
    def plain_fields(self) -> tuple[str, ...]:
        """Those of them that stay when the person is erased: all but what a person wrote."""
        parts = (self.of, self.order, *self.marks)
        single = (self.occurred_at, *self.event, self.campaign, self.topic, self.score, self.amount, self.currency)
        return tuple(name for name in (*single, *(part.field for part in parts if part)) if name)
