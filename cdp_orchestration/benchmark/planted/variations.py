"""Clean variations: what happens to a healthy company, and must stop no release."""

from datetime import date
from typing import Any

from cdp_orchestration.benchmark.planted.homes import Planted
from cdp_orchestration.benchmark.planted.rows import (
    Row,
    all_of,
    inside,
    moment,
    nothing,
    only,
    put,
    rewritten,
    shifted,
    sometimes,
    times,
)

CONTACTS, CUSTOMERS, ORDERS, EVENTS = "crm/contacts", "ecommerce/customers", "ecommerce/orders", "ecommerce/events"
RECEIPTS, LINES, MEMBERS = "in_store/transactions", "in_store/transaction_items", "in_store/loyalty_members"
SURVEYS, TICKETS, CAMPAIGNS = "support/survey_responses", "support/tickets", "crm/campaign_members"
USERS, METRICS, STORES = "support/users", "support/ticket_metrics", "in_store/stores"
OWN_MEMBERS, OWN_BOOKINGS = "club/mitglieder", "club/buchungen"
_EVERY_STREAM = (
    CONTACTS, CUSTOMERS, ORDERS, EVENTS, RECEIPTS, LINES, MEMBERS, SURVEYS, TICKETS, CAMPAIGNS, USERS, METRICS,
    OWN_MEMBERS, OWN_BOOKINGS,
)  # fmt: skip

_polish = all_of(
    put("currency", "PLN"), times("total_price", 4.3), times("current_total_price", 4.3), times("subtotal_price", 4.3)
)
_japanese = all_of(
    put("currency", "JPY"), times("total_price", 160), times("current_total_price", 160), times("subtotal_price", 160)
)
_to_poland = all_of(
    put("MailingCountry", "Poland"), put("MailingCity", "Łódź"), put("MailingPostalCode", "90-001"),
    rewritten("MobilePhone", lambda number: f"+48 512 {number[-6:]}"),
    rewritten("LastName", lambda name: f"{name[:3]}ński"),
)  # fmt: skip
_paid_back = all_of(put("financial_status", "refunded"), put("current_total_price", "0.00"))


def _summer(row: Row) -> bool:
    return moment(row["processed_at"]).month in (6, 7, 8)


def _of(name: str, stream: str, change: Any = nothing, **more: Any) -> Planted:
    return Planted(name, stream, change, **more)


def _is_of_friday(row: Row) -> bool:
    return moment(row["sold_at"]).weekday() == 4


def _one_a_contact(rows: list[Row]) -> list[Row]:
    return list({row["ContactId"]: row for row in rows}.values())


def _birthday(row: Row) -> date:
    number = int(row["member_id"][2:])
    return date(1950 + number % 50, 1 + number % 12, 1 + number % 28)


VARIATIONS = (
    *(_of(f"new rows of {stream}", stream) for stream in _EVERY_STREAM),
    *(_of(f"all rows of {stream} once more", stream, of="again") for stream in (*_EVERY_STREAM, STORES)),
    *(_of(f"the next delivery of {stream}", stream, of="next") for stream in (*_EVERY_STREAM, STORES)),
    *(_of(f"an older file of {stream} comes last", stream, of="late") for stream in (CONTACTS, ORDERS, MEMBERS)),
    *(_of(f"{stream} over four files", stream, files=4) for stream in (CONTACTS, RECEIPTS)),
    _of("half of the customers once more", CUSTOMERS, of="again", rows=200),
    _of("a quiet Sunday", ORDERS, rows=5),
    _of("one row", CONTACTS, rows=1),
    _of("Black Friday", ORDERS, all_of(times("total_price", 0.65), times("subtotal_price", 0.65))),
    _of("a busy Friday", RECEIPTS, nothing, rearranged=only(_is_of_friday)),
    _of("a price rise", ORDERS, all_of(*(times(name, 1.08) for name in
                                         ("total_price", "subtotal_price", "current_total_price")))),
    _of("dearer goods", LINES, all_of(times("unit_price", 1.6), times("line_amount", 1.6))),
    _of("a new line of products", LINES,
        sometimes(0.3, all_of(put("category", "Garden"), put("sku", lambda row: f"GAR-{row['sku'][4:]}"),
                              put("description", "Hammock")))),
    _of("a new store", RECEIPTS, sometimes(0.1, put("store_id", "PL-01"))),
    _of("a new currency", ORDERS, sometimes(0.2, _polish)),
    _of("a new country", CONTACTS, sometimes(0.2, _to_poland)),
    _of("summer alone", ORDERS, rearranged=only(_summer)),
    _of("a late month", ORDERS, shifted("updated_at", days=20)),
    _of("some people move", CONTACTS, sometimes(0.1, put("MailingCity", "Graz")), of="again"),
    _of("some people change their e-mail", CONTACTS, sometimes(0.05, put("Email", "new@gmail.com")), of="again"),
    _of("some people marry", CONTACTS, sometimes(0.03, put("LastName", "Weber")), of="again"),
    _of("many orders are paid back", ORDERS, _paid_back, of="again"),
    _of("a wave of refunds", ORDERS, sometimes(0.3, _paid_back)),
    _of("a wave of returns", RECEIPTS, sometimes(0.25, all_of(put("is_return", True), times("total_amount", -1)))),
    _of("tickets are closed", TICKETS, put("status", "closed"), of="again"),
    _of("people answer worse", SURVEYS, sometimes(0.2, put("score", "1"))),
    _of("the first survey of a kind", SURVEYS,
        sometimes(0.3, all_of(put("survey", "onboarding"), put("score", "80")))),
    _of("surveys by text message", SURVEYS, put("channel", "sms")),
    _of("a few opt out", MEMBERS, sometimes(0.03, put("email_opt_in", False)), of="again"),
    _of("an erasure", MEMBERS, put("deleted_at", lambda row: row["updated_at"]), of="again", rows=12),
    _of("a dozen guests of a new country", ORDERS, all_of(_polish, put("customer", None)), rows=12),
    _of("some members by paper, without contacts", MEMBERS, all_of(put("email", None), put("phone", None)), rows=9),
    _of("one visitor alone", EVENTS, put("anonymousId", "6f1c2b1e-0000-4000-8000-000000000000"), rows=12),
    _of("many people erased with what they were", CONTACTS,
        all_of(put("IsDeleted", "true"), put("Email", ""), put("LastName", "")), of="again", rows=80),
    _of("people erased with what they were", CONTACTS,
        all_of(put("IsDeleted", "true"), put("Email", ""), put("LastName", "")), of="again", rows=20),
    _of("a campaign type is renamed", CAMPAIGNS, put("CampaignType", "Newsletter")),
    _of("a campaign of its own", CAMPAIGNS,
        all_of(put("CampaignId", "7015e0000009999AAA"), put("CampaignName", "Autumn"), put("Status", "Sent")),
        rearranged=_one_a_contact),
    _of("many clicks", EVENTS, sometimes(0.3, put("event", "Product Clicked"))),
    _of("the site in an app", EVENTS, sometimes(0.4, inside("context", "device", {"type": "android"}))),
    _of("birth dates by a loyalty campaign", MEMBERS,
        lambda row: row.update(date_of_birth=row["date_of_birth"] or _birthday(row)), of="again"),
    _of("phones in one form", CONTACTS, rewritten("Phone", lambda text: text.replace(" ", "")), of="again"),
    _of("e-mails in small letters", CONTACTS, rewritten("Email", str.lower), of="again"),
    _of("names in capitals", CONTACTS,
        all_of(rewritten("FirstName", str.upper), rewritten("LastName", str.upper)), of="again"),
    _of("a currency in yen", ORDERS, sometimes(0.15, _japanese)),
    _of("gift cards for Christmas", LINES, sometimes(0.15, put("is_gift_card", True))),
    _of("free deliveries for nothing", ORDERS, sometimes(0.05, put("total_price", "0.00"))),
    _of("parcels are slow", ORDERS, put("fulfillment_status", None)),
    _of("tags of a loyalty programme", CUSTOMERS, put("tags", "gold"), of="again"),
    _of("a new language", TICKETS, sometimes(0.15, put("description", "Gdzie jest moja paczka? Zamówienie #1011"))),
    _of("own: a few people say no", OWN_MEMBERS, sometimes(0.05, put("werbung", "nein"))),
    _of("own: dearer bookings", OWN_BOOKINGS, times("preis", 1.3)),
    _of("own: a new kind of booking", OWN_BOOKINGS, sometimes(0.3, put("art", "kurs"))),
)  # fmt: skip
