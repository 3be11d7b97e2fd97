"""No one who refused is contactable: by address over a whole release, read and reckoned without the models."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest
from delivered_refusals import refused_addresses
from release_comparison import release_of

from cdp_orchestration.demo import write_demo

pytestmark = pytest.mark.slow

Cdp = Callable[..., "Any"]
Row = dict[str, Any]

CONTACT = ("Id", "IsDeleted", "FirstName", "LastName", "Email", "MobilePhone", "HasOptedOutOfEmail", "DoNotCall")
TIMES = ("CreatedDate", "LastModifiedDate", "SystemModstamp")
MEMBER = ("Id", "CampaignId", "CampaignName", "CampaignType", "ContactId", "Status", "FirstRespondedDate", *TIMES[::2])


class Person(NamedTuple):
    """One invented person with a contact in the CRM and an account in the shop under one mailbox."""

    key: str
    given_name: str
    family_name: str

    @property
    def email(self) -> str:
        return f"{self.given_name}.{self.family_name}@fjordpost.example.org".lower()

    @property
    def contact_id(self) -> str:
        return f"003XQ0000000{self.key}AAA"

    def contact(self, modified_at: str, **fields: Any) -> Row:
        times = dict.fromkeys(TIMES, modified_at)
        names = {"FirstName": self.given_name, "LastName": self.family_name, "Email": self.email}
        return {"Id": self.contact_id, "IsDeleted": "false", **names, **times, **fields}

    def customer(self, consent: Row | None, sms: Row | None = None, phone: str | None = None) -> Row:
        number = 810_000 + int(self.key)
        names = {"first_name": self.given_name, "last_name": self.family_name, "email": self.email, "phone": phone}
        times = {"created_at": "2023-01-01T00:00:00Z", "updated_at": "2026-04-30T00:00:00Z"}
        return {"id": number, **names, **times, "email_marketing_consent": consent, "sms_marketing_consent": sms}

    def unsubscription(self, campaign_type: str, at: str) -> Row:
        times = {"CreatedDate": at, "SystemModstamp": at}
        campaign = {"CampaignId": "701XQ", "CampaignName": "Winter letter", "CampaignType": campaign_type}
        return {
            "Id": f"00vXQ000000{self.key}",
            "ContactId": self.contact_id,
            "Status": "Unsubscribed",
            **campaign,
            **times,
        }


def subscribed(at: str, level: str = "single_opt_in", state: str = "subscribed") -> Row:
    return {"state": state, "opt_in_level": level, "consent_updated_at": at}


UNSAID = Person("1001", "Thorgeir", "Vestmann")
MERGED_AWAY = Person("1002", "Brynhild", "Osterfeld")
CAME_BACK = Person("1003", "Leofric", "Quennell")
PENDING = Person("1004", "Sunniva", "Hallgrim")
LEFT_AGAIN = Person("1005", "Ottoline", "Breakspear")
ODD_CHANNEL = Person("1006", "Casimir", "Wolfenden")
TEXTS_ONLY = Person("1007", "Philippa", "Daubeney")
HAPPY = Person("1008", "Ingeborg", "Thistlewood")
UNCONFIRMED = Person("1009", "Barnaby", "Luttrell")
PHONE = "+447911987001"


def first_delivery(inbox: Path) -> None:
    opted_out = {"HasOptedOutOfEmail": "true", "DoNotCall": "false"}
    consenting = {"HasOptedOutOfEmail": "false", "DoNotCall": "false"}
    contacts = [
        UNSAID.contact("2026-02-01T00:00:00Z", **opted_out),
        MERGED_AWAY.contact("2025-02-01T00:00:00Z", **opted_out),
        *(
            person.contact("2026-02-01T00:00:00Z", **consenting)
            for person in (CAME_BACK, LEFT_AGAIN, ODD_CHANNEL, TEXTS_ONLY, HAPPY, UNCONFIRMED)
        ),
    ]
    members = [
        CAME_BACK.unsubscription("Email", "2023-03-01T00:00:00Z"),
        UNCONFIRMED.unsubscription("Email", "2023-03-01T00:00:00Z"),
        LEFT_AGAIN.unsubscription("Newsletter", "2026-04-01T00:00:00Z"),
        ODD_CHANNEL.unsubscription("Carrier Pigeon", "2025-06-01T00:00:00Z"),
    ]
    early, late = "2024-01-01T00:00:00Z", "2026-03-01T00:00:00Z"
    customers = [
        *(person.customer(subscribed(early)) for person in (UNSAID, MERGED_AWAY, ODD_CHANNEL, HAPPY)),
        UNCONFIRMED.customer(subscribed(late)),
        CAME_BACK.customer(subscribed(late, "confirmed_opt_in")),
        LEFT_AGAIN.customer(subscribed(late, "confirmed_opt_in")),
        PENDING.customer(subscribed(late, "confirmed_opt_in", "pending")),
        TEXTS_ONLY.customer(None, subscribed(late, "confirmed_opt_in"), PHONE),
    ]
    write_csv(inbox / "crm/contacts/2026-05-01_consent.csv", (*CONTACT, *TIMES), contacts)
    write_csv(inbox / "crm/campaign_members/2026-05-01_consent.csv", MEMBER, members)
    write_lines(inbox / "ecommerce/customers/2026-05-01_consent.jsonl", customers)


def second_delivery(inbox: Path) -> None:
    """The CRM merges a contact away, and exports another one without its columns of consent."""
    gone = MERGED_AWAY.contact("2026-04-01T00:00:00Z", IsDeleted="true", HasOptedOutOfEmail="false")
    silent = UNSAID.contact("2026-04-01T00:00:00Z")
    write_csv(inbox / "crm/contacts/2026-05-02_merge.csv", (*CONTACT, *TIMES), [gone])
    columns = tuple(name for name in CONTACT if name not in ("HasOptedOutOfEmail", "DoNotCall"))
    write_csv(inbox / "crm/contacts/2026-05-02_fewer_columns.csv", (*columns, *TIMES), [silent])


def write_csv(path: Path, columns: tuple[str, ...], rows: list[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def write_lines(path: Path, rows: list[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, cdp: Cdp) -> Path:
    home: Path = tmp_path_factory.mktemp("consent") / "home"
    write_demo(home / "inbox", home / "demo_truth.csv", customers=120, seed=23, drops=(0,))
    for deliver in (first_delivery, second_delivery):
        deliver(home / "inbox")
        result = cdp(home, "sync")
        assert result.returncode == 0, result.stdout + result.stderr
    return home


def published(home: Path, table: str) -> list[Row]:
    release = home / "releases" / release_of(home).release_id
    (path,) = release.rglob(f"{table}.parquet")
    return duckdb.read_parquet(str(path)).to_arrow_table().to_pylist()


def profile_of(home: Path, person: Person) -> Row:
    (profile,) = [row for row in published(home, "profiles") if row["email"] == person.email]
    return profile


@pytest.mark.parametrize("person", [UNSAID, MERGED_AWAY, LEFT_AGAIN, ODD_CHANNEL, UNCONFIRMED])
def test_who_refused_e_mail_is_not_written_to(home: Path, person: Person) -> None:
    profile = profile_of(home, person)
    assert (profile["email_consent"], profile["is_contactable"]) == (False, False)


def test_a_double_opt_in_that_is_pending_is_no_consent(home: Path) -> None:
    profile = profile_of(home, PENDING)
    assert (profile["email_consent"], profile["is_contactable"]) == (None, False)


def test_a_later_confirmation_lifts_the_refusal_and_both_stay_in_the_history(home: Path) -> None:
    profile = profile_of(home, CAME_BACK)
    assert (profile["email_consent"], profile["is_contactable"]) == (True, True)
    history = [row for row in published(home, "consent_history") if row["profile_id"] == profile["profile_id"]]
    assert {
        (row["state"], row["lifted_at"] and f"{row['lifted_at']:%Y-%m-%d}")
        for row in history
        if row["channel"] == "email"
    } == {
        ("refused", "2026-03-01"),
        ("granted", None),
    }


def test_who_never_refused_is_written_to(home: Path) -> None:
    profile = profile_of(home, HAPPY)
    assert (profile["email_consent"], profile["is_contactable"]) == (True, True)


def test_a_consent_to_text_messages_is_none_to_call(home: Path) -> None:
    profile = profile_of(home, TEXTS_ONLY)
    found = (profile["sms_consent"], profile["call_consent"], profile["phone_consent"], profile["is_contactable"])
    assert found == (True, None, None, True)


def test_a_refusal_of_a_deleted_record_stays_in_the_history_of_its_person(home: Path) -> None:
    profile_id = profile_of(home, MERGED_AWAY)["profile_id"]
    history = [row for row in published(home, "consent_history") if row["profile_id"] == profile_id]
    deleted = [(row["source_record_id"], row["state"]) for row in history if row["is_record_deleted"]]
    assert (MERGED_AWAY.contact_id, "refused") in deleted


def test_no_address_that_was_refused_is_contactable_in_any_table(home: Path) -> None:
    refused = refused_addresses(home)
    profiles = {row["profile_id"]: row for row in published(home, "profiles")}

    def is_refused(profile_id: str, channel: str) -> bool:
        address = profiles[profile_id]["email" if channel == "email" else "phone"]
        return (channel, address) in refused

    consents = published(home, "profile_consents")
    contactable = {(row["profile_id"], row["channel"]) for row in consents if row["is_contactable"]}
    columns = {"email": "email_consent", "sms": "sms_consent", "call": "call_consent"}
    contactable |= {
        (profile_id, channel)
        for profile_id, row in profiles.items()
        for channel, column in columns.items()
        if row[column]
    }
    contactable |= {
        (row["profile_id"], "email" if row["suggested_channel"] == "email" else "call")
        for row in published(home, "moments")
        if row["is_contactable"] and row["purpose"] == "marketing"
    }
    written_to = ("loyal_and_contactable", "win_back", "abandoned_lately")
    contactable |= {
        (row["profile_id"], "email")
        for row in published(home, "audiences")
        if row["audience"] in written_to and row["left_at"] is None
    }

    assert len(contactable) > 20
    assert len({address for _, address in refused} & {row["email"] for row in profiles.values()}) > 5
    assert [pair for pair in contactable if pair[1] in columns and is_refused(*pair)] == []
