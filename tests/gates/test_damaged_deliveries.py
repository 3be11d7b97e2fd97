"""Damage that is well-formed: each delivery lands, and the figures of the stream's gate stop the release, or warn."""

from pathlib import Path

import pytest
from planted_deliveries import Delivery, HealthyHomes, all_of, exchange, inside, moved, nothing, put, sometimes

from cdp_orchestration.demo import write_demo
from cdp_orchestration.figures.bounds import Compared

pytestmark = pytest.mark.slow

CONTACTS, CUSTOMERS, ORDERS, EVENTS = "crm/contacts", "ecommerce/customers", "ecommerce/orders", "ecommerce/events"
RECEIPTS, LINES, MEMBERS = "in_store/transactions", "in_store/transaction_items", "in_store/loyalty_members"
SURVEYS, TICKETS, CAMPAIGNS = "support/survey_responses", "support/tickets", "crm/campaign_members"

_a_hundred_times = put("total_price", lambda row: str(float(row["total_price"]) * 100))
_scores_flipped = put("score", lambda row: str({"csat": 6, "ces": 8, "nps": 10}[row["survey"]] - int(row["score"])))
_blob = all_of(put("Email", "team@fernhill.example"), put("Phone", "+49 30 1234567"), put("LastName", "Müller"))

# With the figure that must catch it.
STOPPED = [
    (Delivery("a column goes null in all rows", CONTACTS, put("Email", ""), is_redelivery=True), "emptied"),
    (Delivery("a column goes null in new rows", CONTACTS, put("Email", "")), "filled"),
    (Delivery("names go null", MEMBERS, all_of(put("given_name", None), put("family_name", None))), "filled"),
    (Delivery("guest orders only", ORDERS, all_of(put("email", None), put("customer", None))), "filled"),
    (Delivery("members of a document go null", CUSTOMERS, inside("default_address", "zip", None)), "filled"),
    (
        Delivery(
            "e-mails get a suffix", CONTACTS, put("Email", lambda row: row["Email"] and row["Email"] + ".invalid"),
            is_redelivery=True,
        ),
        "changed",
    ),
    (Delivery("new e-mails get a suffix", CUSTOMERS, put("email", lambda row: f"{row['email']}.invalid")), "known"),
    (Delivery("one e-mail for everybody", CONTACTS, put("Email", "a@fernhill.example"), is_redelivery=True), "changed"),
    (Delivery("one e-mail for new customers", CUSTOMERS, put("email", "a@gmail.com")), "commonest"),
    (Delivery("one phone for everybody", CONTACTS, put("MobilePhone", "0170 1234567"), is_redelivery=True), "changed"),
    (Delivery("one phone for new members", MEMBERS, put("phone", "+491701234567")), "commonest"),
    (Delivery("names exchanged", CONTACTS, exchange("FirstName", "LastName"), is_redelivery=True), "changed"),
    (Delivery("new names exchanged", CONTACTS, exchange("FirstName", "LastName")), "misplaced"),
    (Delivery("a mapping exchanged", CONTACTS, exchange("Email", "MailingCity"), is_redelivery=True), "changed"),
    (Delivery("a mapping exchanged in new rows", MEMBERS, exchange("email", "city")), "misplaced"),
    (Delivery("a currency flips", ORDERS, put("currency", "USD")), "mix"),
    (Delivery("a currency flips in all rows", RECEIPTS, put("currency", "USD"), is_redelivery=True), "changed"),
    (Delivery("amounts a hundred times", ORDERS, _a_hundred_times), "middle"),
    (Delivery("amounts a hundred times in all rows", ORDERS, _a_hundred_times, is_redelivery=True), "changed"),
    (
        Delivery("receipts in cents", RECEIPTS, put("total_amount", lambda row: (row["total_amount"] or 0) * 100)),
        "middle",
    ),
    (Delivery("lines in cents", LINES, put("line_amount", lambda row: (row["line_amount"] or 0) * 100)), "middle"),
    (
        Delivery(
            "times a day off", ORDERS, put("processed_at", lambda row: moved(row["processed_at"], days=-1)),
            is_redelivery=True,
        ),
        "changed",
    ),
    (
        Delivery(
            "times a year off", ORDERS, put("created_at", lambda row: moved(row["created_at"], days=-365)),
        ),
        "outlying",
    ),
    (
        Delivery("times in the future", RECEIPTS, put("sold_at", lambda row: moved(row["sold_at"], days=3650))),
        "corrected",
    ),
    (
        Delivery(
            "copies under new ids", CONTACTS, put("Id", lambda row: f"003ZZ{row['Id'][5:15]}"), is_redelivery=True
        ),
        "copies",
    ),
    (Delivery("scores flipped", SURVEYS, _scores_flipped), "score"),
    (Delivery("scores flipped in all rows", SURVEYS, _scores_flipped, is_redelivery=True), "changed"),
    (Delivery("consent for all", CUSTOMERS, inside("email_marketing_consent", "state", "subscribed")), "permissions"),
    (Delivery("opt-in for all", MEMBERS, put("email_opt_in", True), is_redelivery=True), "permissions"),
    (Delivery("no opt-outs", CONTACTS, put("HasOptedOutOfEmail", "false"), is_redelivery=True), "permissions"),
    (Delivery("ids of another form", ORDERS, put("id", lambda row: f"ORD-{row['id']}")), "known"),
    (Delivery("ids of stores of another form", RECEIPTS, put("store_id", lambda row: f"{row['store_id']}-0")), "known"),
    (Delivery("a blob that joins people", CONTACTS, _blob), "commonest"),
]  # fmt: skip
WARNED = [
    (Delivery("a time zone moves", ORDERS, put("created_at", lambda row: moved(row["created_at"], hours=6))), "hours"),
    (Delivery("unknown stores", RECEIPTS, put("store_id", "S-999")), "known"),
    (Delivery("bots on the site", EVENTS, put("anonymousId", "6f1c2b1e-0000-4000-8000-000000000000")), "commonest"),
    (Delivery("a campaign type is renamed", CAMPAIGNS, put("CampaignType", lambda row: f"New {row['CampaignType']}")),
     "known"),
    (
        Delivery(
            "postcodes lost their zero", CONTACTS,
            put("MailingPostalCode", lambda row: row["MailingPostalCode"].lstrip("0")), is_redelivery=True,
        ),
        "lost zeros",
    ),
]  # fmt: skip
CLEAN = [
    Delivery("the same rows again", CONTACTS, nothing, is_redelivery=True),
    Delivery("half of the customers again", CUSTOMERS, nothing, is_redelivery=True, rows=200),
    *(Delivery(f"more of {stream}", stream, nothing) for stream in (CONTACTS, CUSTOMERS, ORDERS, EVENTS, RECEIPTS)),
    *(Delivery(f"more of {stream}", stream, nothing) for stream in (LINES, MEMBERS, SURVEYS, TICKETS, CAMPAIGNS)),
    Delivery("a quiet Sunday", ORDERS, nothing, rows=5),
    Delivery("Black Friday", ORDERS, put("total_price", lambda row: f"{float(row['total_price']) * 0.65:.2f}")),
    Delivery("a new store", RECEIPTS, sometimes(0.1, put("store_id", "S-035"))),
    Delivery("a new country", ORDERS, sometimes(0.2, put("currency", "PLN"))),
    Delivery("some people move", CONTACTS, sometimes(0.1, put("MailingCity", "Graz")), is_redelivery=True),
    Delivery("some people change their e-mail", CONTACTS, sometimes(0.05, put("Email", "new@gmail.com")), True),
    Delivery("many orders are paid back", ORDERS, put("financial_status", "refunded"), is_redelivery=True),
    Delivery("tickets are closed", TICKETS, put("status", "closed"), is_redelivery=True),
    Delivery("people answer worse", SURVEYS, sometimes(0.2, put("score", "1"))),
    Delivery("a few opt out", MEMBERS, sometimes(0.03, put("email_opt_in", False)), is_redelivery=True),
    Delivery("a campaign type is renamed", CAMPAIGNS, put("CampaignType", "Newsletter")),
]


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> HealthyHomes:
    """Return homes with three healthy deliveries of a stream, made of a demo."""
    folder = tmp_path_factory.mktemp("silos")
    write_demo(folder / "inbox", folder / "truth.csv", customers=1_000, drops=(0, 1, 2), processes=1)
    return HealthyHomes(folder / "inbox", folder)


@pytest.mark.parametrize(("planted", "figure"), STOPPED, ids=lambda each: getattr(each, "name", ""))
def test_a_damaged_delivery_stops_the_release(
    planted: Delivery, figure: str, healthy: HealthyHomes, tmp_path: Path
) -> None:
    compared = healthy.compared(planted, tmp_path / "home")
    assert figure in {each.figure.name for each in compared if not each.is_credible}, _unusual(compared)


@pytest.mark.parametrize(("planted", "figure"), WARNED, ids=lambda each: getattr(each, "name", ""))
def test_a_doubtful_delivery_is_a_warning(
    planted: Delivery, figure: str, healthy: HealthyHomes, tmp_path: Path
) -> None:
    compared = healthy.compared(planted, tmp_path / "home")
    assert figure in {each.figure.name for each in compared if not each.is_usual}, _unusual(compared)


@pytest.mark.parametrize("planted", CLEAN, ids=lambda each: each.name)
def test_a_clean_variation_stops_nothing(planted: Delivery, healthy: HealthyHomes, tmp_path: Path) -> None:
    compared = healthy.compared(planted, tmp_path / "home")
    assert [each.line for each in compared if not each.is_credible] == []


def _unusual(compared: list[Compared]) -> list[str]:
    return [f"{each.figure.name}: {each.line}" for each in compared if not each.is_usual]
