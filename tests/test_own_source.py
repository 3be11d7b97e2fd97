"""A company's own sources, each declared in one file of the home: nothing else is edited.

Marked ``long`` is their documentation, which ``test_end_to_end.py`` writes for the project that ships every time.
"""

import json
from pathlib import Path

import duckdb
import pytest
from conftest import Cdp

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.reader import require_live_release

pytestmark = [pytest.mark.slow, pytest.mark.scenario]

NEWSLETTER = """
source: newsletter
label: Newsletter
owner: team:marketing
streams:
  subscribers:
    vendor: list member
    key: [id]
    cursor: last_changed
    renames: {email_address: email, merge_fields.FNAME: first_name, merge_fields.LNAME: last_name}
    fields:
      id: identifier
      email: text
      first_name: {kind: text, staged: given_name}
      last_name: {kind: text, staged: family_name}
      status: {kind: text, staged: list_status}
      opted_in: {kind: occurrence, staged: opted_in_at}
      last_changed: {kind: timestamp, staged: updated_at}
    deleted: {field: status, values: archived}
    person:
      record_type: subscriber
      given_name: first_name
      family_name: last_name
      emails: email
      created_at: opted_in
      consents:
        - field: status
          channel: email
          granted: subscribed
          refused: [unsubscribed, cleaned]
          evidence: single_opt_in
          stated_at: last_changed
  activity:
    vendor: campaign activity
    key: [subscriber, campaign, action]
    cursor: timestamp
    fields:
      subscriber: identifier
      campaign: text
      action: text
      timestamp: {kind: timestamp, staged: acted_at}
    interaction:
      record_type: campaign_activity
      occurred_at: timestamp
      event: action
      of: {field: subscriber, record_type: subscriber}
      campaign: campaign
      taxonomy:
        open: {touchpoint_type: campaign_opened, channel: email, stage: awareness}
        click: {touchpoint_type: campaign_clicked, channel: email, stage: research}
        "*": {touchpoint_type: newsletter_event, channel: email, stage: awareness, effort_weight: 0}
"""
HUBSPOT = """
source: crm
streams:
  contacts:
    vendor: HubSpot contact
    renames:
      Record ID: Id
      First Name: FirstName
      Last Name: LastName
      Phone Number: Phone
      Create Date: CreatedDate
      Last Modified Date: SystemModstamp
    fields:
      Lifecycle Stage: {kind: text, staged: false}
"""
CLUB = """
source: club
streams:
  members:
    key: [no]
    fields: {no: identifier, name: {kind: text, staged: order}, card: identifier, contact: salesforce_id}
    person:
      record_type: member
      full_name: name
      identifiers: {membership_card: card, crm.contact: contact}
  app_users:
    key: [user]
    fields: {user: identifier, card: identifier, nick: text}
    person: {record_type: app_user, full_name: nick, identifiers: {membership_card: card}}
  bookings:
    key: [booking]
    fields:
      booking: identifier
      member: identifier
      booked: {kind: occurrence, staged: booked_at}
      price: signed_amount
      state: text
      refund_of: identifier
    interaction:
      record_type: order  # the shop calls its own so, too
      occurred_at: booked
      event: state
      of: {field: member, record_type: member}
      amount: price
      currency_code: EUR
      order: {field: refund_of, record_type: order}
      uncounted: {field: state, values: cancelled}
      paid_back: {field: state, values: credited}
      taxonomy:
        refunded: {touchpoint_type: refund, channel: store, stage: service}
        credited: {touchpoint_type: refund, channel: store, stage: service}
        inquired: {touchpoint_type: inquiry, channel: store, stage: research}
        "*": {touchpoint_type: booking, channel: store, stage: purchase}
"""
MEMBERS = "no,name,card,contact\n7,Ada King,M-0017,901\n8,Dora Klein,0000,\n9,Emil Vogt,0000,\n"
APP_USERS = "user,card,nick\nu1,M-0017,\nu2,M 0017,\nu3,none,Fay Moor\n"
BOOKINGS = """booking,member,booked,price,state,refund_of
b1,7,2026-02-10T09:00:00Z,120.50,booked,
b2,7,2026-02-11T09:00:00Z,-20.50,refunded,b1
b3,8,2026-02-12T09:00:00Z,99,Cancelled,
b4,8,2026-02-13T09:00:00Z,50,booked,
b5,7,2026-02-14T09:00:00Z,75,inquired,
b6,8,2026-02-15T09:00:00Z,30,credited,b4
"""
SUBSCRIBERS = [
    ("m1", "ada.byron@example.org", "Ada", "Byron", "subscribed", "2026-01-05T10:00:00Z"),
    ("m2", "ben.stone@example.org", "Ben", "Stone", "unsubscribed", "2026-02-05T10:00:00Z"),
    ("m3", "gone@example.org", "Cleo", "Gone", "archived", "2026-02-05T10:00:00Z"),
]
ACTIVITY = """subscriber,campaign,action,timestamp
m1,Spring,open,2026-02-01T09:00:00Z
m1,Spring,click,2026-02-01T09:01:00Z
m2,Spring,bounce,2026-02-01T08:00:00Z
m9,Spring,open,2026-02-01T08:00:00Z
"""
CONTACTS = """Record ID,First Name,Last Name,Email,Phone Number,Create Date,Last Modified Date,Lifecycle Stage
901,Ada,Byron,ada.byron@example.org,+44 20 7946 0018,2026-01-01 10:00,2026-01-02 10:00,Customer
902,Carl,Benz,carl.benz@example.org,,2026-01-01 10:00,2026-01-02 10:00,Lead
"""


@pytest.fixture(scope="module")
def home(cdp: Cdp, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    write(home / "sources" / "newsletter.yml", NEWSLETTER)
    write(home / "sources" / "hubspot.yml", HUBSPOT)
    write(home / "inbox" / "newsletter" / "subscribers" / "all.jsonl", "".join(map(subscriber, SUBSCRIBERS)))
    write(home / "inbox" / "newsletter" / "activity" / "spring.csv", ACTIVITY)
    write(home / "inbox" / "crm" / "contacts" / "export.csv", CONTACTS)
    write(home / "sources" / "club.yml", CLUB)
    for stream, text in (("members", MEMBERS), ("app_users", APP_USERS), ("bookings", BOOKINGS)):
        write(home / "inbox" / "club" / stream / "all.csv", text)
    write(home / "inbox" / "crm" / "contcts" / "export.csv", CONTACTS)
    synced = cdp(home, "sync")
    assert synced.returncode == 0, synced.stderr
    assert "crm/contcts: 1 file is not read; did you mean crm/contacts?" in synced.stdout
    return home


@pytest.fixture(scope="module")
def release(home: Path):
    with require_live_release(Settings(home=home).releases).connect() as connection:
        yield connection


def test_records_of_several_sources_become_one_profile(release):
    found = rows(
        release,
        "select list(source_system || ':' || source_record_id) from profile_records group by profile_id",
    )
    profiles = [sorted(records) for (records,) in found]

    assert ["club:7", "club:u1", "club:u2", "crm:901", "newsletter:m1"] in profiles
    assert ["crm:902"] in profiles
    assert ["newsletter:m2"] in profiles


def test_a_placeholder_in_the_place_of_a_card_joins_no_one(release):
    others = rows(
        release,
        "select list(source_record_id order by 1) from profile_records group by profile_id "
        "having bool_or(source_record_id in ('8', '9', 'u3')) order by 1",
    )

    assert others == [(["8"],), (["9"],), (["u3"],)]


def test_an_identifier_of_a_declared_type_is_published_by_that_type(release):
    found = rows(
        release,
        "select identifier_type, identifier_value, is_primary from profile_identifiers "
        "where identifier_type not in ('email', 'phone') order by 1, 2",
    )

    assert {kind for kind, _, _ in found} == {"crm.contact", "membership_card"}
    assert ("crm.contact", "901", True) in found
    assert ("membership_card", "M-0017") in [row[:2] for row in found]


def test_amounts_of_an_own_source_are_orders_and_refunds_that_add_up(release):
    orders = rows(
        release,
        "select order_id, is_order, order_amount, refunded_amount, net_amount from orders order by 1",
    )
    revenue = dict(rows(release, "select line, amount from revenue_reconciliation"))

    assert [(order[0], *map(str, order[1:])) for order in orders] == [
        ("club:order:b1", "True", "120.50", "20.50", "100.00"),
        ("club:order:b4", "True", "50.00", "30.00", "20.00"),
    ]
    assert {line: str(revenue[line]) for line in ("orders", "cancelled_orders", "revenue")} == {
        "orders": "269.50",
        "cancelled_orders": "-99.00",
        "revenue": "120.00",
    }
    assert rows(
        release, "select sum(amount) from revenue_reconciliation where belongs_to = 'revenue' and not is_total"
    ) == [(revenue["revenue"],)]


def test_messages_of_an_own_source_make_a_campaign_of_one_message_a_member(release):
    assert rows(release, "select campaign, message_count, opened_count, clicked_count from campaigns") == [
        ("Spring", 2, 2, 1)
    ]


def test_what_a_member_did_is_a_touchpoint_of_the_profile(release):
    found = rows(
        release,
        "select touchpoint_type, channel, campaign, profile_id is not null from touchpoints "
        "where source_system = 'newsletter' order by touchpoint_type, 4",
    )

    assert found == [
        ("campaign_clicked", "email", "Spring", True),
        ("campaign_opened", "email", "Spring", False),
        ("campaign_opened", "email", "Spring", True),
        ("newsletter_event", "email", "Spring", True),
    ]
    assert rows(release, "select touchpoint_count from journeys where touchpoint_count >= 3 order by 1") == [(3,), (5,)]


def test_a_status_of_the_list_is_consent_and_refusal(release):
    found = rows(
        release,
        "select profiles.given_name, consents.channel, consents.purpose, consents.is_contactable "
        "from profile_consents as consents join profiles using (profile_id) "
        "where consents.channel = 'email' order by 1",
    )

    assert found == [("Ada", "email", "marketing", True), ("Ben", "email", "marketing", False)]


def test_the_source_has_its_newest_receipt(release):
    found = rows(release, "select source_system, found_in from source_receipts order by 1")

    assert found == [("club", "club_bookings"), ("crm", "crm_contacts"), ("newsletter", "newsletter_subscribers")]


@pytest.mark.long
def test_the_documentation_of_the_tables_has_the_sources_own(cdp: Cdp, home: Path, release) -> None:
    written = cdp(home, "docs")

    assert written.returncode == 0, written.stderr
    pages = (home / "reports" / "dbt_docs.html").read_text(encoding="utf-8")
    assert "stg_newsletter__subscribers" in pages
    assert "club_bookings_interactions" in pages


def subscriber(member: tuple[str, ...]) -> str:
    number, email, given_name, family_name, status, changed = member
    row = {
        "id": number,
        "email_address": email,
        "merge_fields": {"FNAME": given_name, "LNAME": family_name},
        "status": status,
        "opted_in": "2026-01-05T10:00:00Z",
        "last_changed": changed,
    }
    return json.dumps(row) + "\n"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    return connection.execute(query).fetchall()
