"""A company's own sources, each declared in one file of the home: nothing else is edited."""

import json
from pathlib import Path

import duckdb
import pytest
from conftest import Cdp

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.reader import require_live_release

pytestmark = pytest.mark.slow

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
def release(cdp: Cdp, tmp_path_factory: pytest.TempPathFactory):
    home = tmp_path_factory.mktemp("home")
    write(home / "sources" / "newsletter.yml", NEWSLETTER)
    write(home / "sources" / "hubspot.yml", HUBSPOT)
    write(home / "inbox" / "newsletter" / "subscribers" / "all.jsonl", "".join(map(subscriber, SUBSCRIBERS)))
    write(home / "inbox" / "newsletter" / "activity" / "spring.csv", ACTIVITY)
    write(home / "inbox" / "crm" / "contacts" / "export.csv", CONTACTS)
    write(home / "inbox" / "crm" / "contcts" / "export.csv", CONTACTS)
    synced = cdp(home, "sync")
    assert synced.returncode == 0, synced.stderr
    assert "crm/contcts: 1 file is not read; did you mean crm/contacts?" in synced.stdout
    with require_live_release(Settings(home=home).releases).connect() as connection:
        yield connection


def test_a_subscriber_and_a_contact_of_another_vendor_become_one_profile(release):
    ada = rows(
        release,
        "select list(source_system || ':' || source_record_id order by 1) from profile_records group by profile_id",
    )

    assert sorted(ada) == [(["crm:901", "newsletter:m1"],), (["crm:902"],), (["newsletter:m2"],)]


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
    assert rows(release, "select count(*) from journeys where touchpoint_count >= 2") == [(1,)]


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

    assert found == [("crm", "crm_contacts"), ("newsletter", "newsletter_subscribers")]


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
