"""Nine invented people who say, in two deliveries, by which channels they may be written to, or may not."""

import csv
import json
from pathlib import Path
from typing import Any, NamedTuple

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
