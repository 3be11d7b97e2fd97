"""The streams that the platform knows: whose export it is, its key, its cursor, its fields.

A new source is an entry here and a staging model; nothing else knows a stream by name.
Facts about parsing files belong in ``landing/``, meaning of the values in the dbt project.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

FieldType = Literal["text", "integer", "decimal", "boolean", "date", "timestamp", "json"]

DUCKDB_TYPES: dict[FieldType, str] = {
    "text": "varchar",
    "integer": "bigint",
    "decimal": "decimal(18, 4)",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "json": "varchar",
}


@dataclass(frozen=True)
class Field:
    """One field of a stream as the vendor names it."""

    name: str
    type: FieldType
    is_non_negative: bool = False
    keeps_row: bool = False  # a value that is not of its type is refused alone, the row lands without it
    non_negative_path: str | None = None  # inside a JSON field, such as "$[*].price"


@dataclass(frozen=True)
class Stream:
    """One stream of one source: ``inbox/<source>/<name>/*`` becomes ``landing.<source>_<name>``.

    ``key`` and ``cursor`` are the required fields; of several versions of a key the newest by cursor counts.
    """

    source: str
    name: str
    vendor_shape: str
    key: tuple[str, ...]
    cursor: str | None
    fields: tuple[Field, ...]

    @property
    def table(self) -> str:
        """The stream's table in the landing schema and its Dagster asset name."""
        return f"{self.source}_{self.name}"

    @property
    def required(self) -> tuple[str, ...]:
        """Fields that every row must fill."""
        return (*self.key, self.cursor) if self.cursor else self.key


def _fields(**names_by_type: str) -> tuple[Field, ...]:
    return tuple(_expand(names_by_type))


def _expand(names_by_type: dict[str, str]) -> Iterator[Field]:
    for kind, names in names_by_type.items():
        for name in names.split():
            if kind == "amount":
                yield Field(name, "decimal", is_non_negative=True)
            elif kind == "birth_date":
                # Typed by hand in every system; a customer is not lost for an impossible one.
                yield Field(name, "date", keeps_row=True)
            elif kind == "priced":
                yield Field(name, "json", non_negative_path="$[*].price")
            else:
                yield Field(name, kind)  # type: ignore[arg-type]


STREAMS: tuple[Stream, ...] = (
    Stream(
        "crm", "contacts", "Salesforce Contact", ("Id",), "SystemModstamp",
        _fields(
            text="Id AccountId FirstName MiddleName LastName Email Phone MobilePhone MailingStreet MailingCity "
            "MailingState MailingPostalCode MailingCountry LeadSource Loyalty_Number__c",
            boolean="IsDeleted HasOptedOutOfEmail DoNotCall",
            birth_date="Birthdate",
            timestamp="CreatedDate LastModifiedDate SystemModstamp",
        ),
    ),
    Stream(
        "crm", "accounts", "Salesforce Account", ("Id",), "SystemModstamp",
        _fields(
            text="Id Name Industry Website BillingCountry",
            boolean="IsDeleted",
            timestamp="CreatedDate SystemModstamp",
        ),
    ),
    Stream(
        "crm", "campaign_members", "Salesforce CampaignMember", ("Id",), "SystemModstamp",
        _fields(
            text="Id CampaignId CampaignName CampaignType ContactId Status",
            timestamp="FirstRespondedDate CreatedDate SystemModstamp",
        ),
    ),
    Stream(
        "ecommerce", "customers", "Shopify Customer", ("id",), "updated_at",
        _fields(
            text="id email phone first_name last_name state tags currency",
            boolean="verified_email",
            json="email_marketing_consent sms_marketing_consent default_address addresses",
            timestamp="created_at updated_at",
        ),
    ),
    Stream(
        "ecommerce", "orders", "Shopify Order", ("id",), "updated_at",
        _fields(
            text="id name email phone currency financial_status fulfillment_status source_name landing_site "
            "referring_site",
            amount="total_price subtotal_price total_discounts",
            json="customer billing_address shipping_address refunds fulfillments",
            priced="line_items",
            timestamp="created_at updated_at processed_at cancelled_at",
        ),
    ),
    Stream(
        "ecommerce", "events", "Segment spec call", ("messageId",), "receivedAt",
        _fields(
            text="messageId type event anonymousId userId",
            json="properties traits context",
            timestamp="timestamp receivedAt",
        ),
    ),
    Stream(
        "in_store", "stores", "point-of-sale store", ("store_id",), None,
        _fields(text="store_id name city country timezone", date="opened_on"),
    ),
    Stream(
        "in_store", "loyalty_members", "point-of-sale loyalty member", ("member_id",), "updated_at",
        _fields(
            text="member_id loyalty_number given_name family_name email phone address_line city region postcode "
            "country home_store_id",
            boolean="email_opt_in",
            birth_date="date_of_birth",
            timestamp="enrolled_at updated_at deleted_at",
        ),
    ),
    Stream(
        "in_store", "transactions", "point-of-sale transaction", ("transaction_id",), "updated_at",
        _fields(
            text="transaction_id store_id register_id loyalty_number card_fingerprint receipt_email receipt_phone "
            "currency",
            decimal="total_amount",  # a return is negative at some tills
            amount="discount_amount",
            boolean="is_return",
            timestamp="sold_at updated_at",
        ),
    ),
    Stream(
        "in_store", "transaction_items", "point-of-sale line", ("transaction_id", "line_no"), None,
        _fields(
            text="transaction_id sku description category",
            integer="line_no",
            decimal="quantity line_amount",  # a return is negative at some tills
            amount="unit_price",
        ),
    ),
    Stream(
        "support", "users", "Zendesk User", ("id",), "updated_at",
        _fields(
            text="id name email phone role external_id locale time_zone organization_id",
            boolean="verified",
            json="tags",
            timestamp="created_at updated_at",
        ),
    ),
    Stream(
        "support", "tickets", "Zendesk Ticket", ("id",), "updated_at",
        _fields(
            text="id requester_id subject description status priority type",
            json="via tags satisfaction_rating",
            timestamp="created_at updated_at",
        ),
    ),
    Stream(
        "support", "ticket_metrics", "Zendesk Ticket Metric", ("ticket_id",), "updated_at",
        _fields(
            text="ticket_id",
            integer="reopens replies",
            json="reply_time_in_minutes full_resolution_time_in_minutes",
            timestamp="solved_at updated_at",
        ),
    ),
    Stream(
        "support", "survey_responses", "survey answer", ("response_id",), "responded_at",
        _fields(
            text="response_id survey comment email user_id order_id ticket_id channel",
            integer="score",
            timestamp="responded_at",
        ),
    ),
)  # fmt: skip
