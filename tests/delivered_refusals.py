"""Mailboxes and numbers that were refused, reckoned from the landed versions, independent of every model."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import phonenumbers

_CAMPAIGN_CHANNELS = {
    "sms": "sms",
    "telemarketing": "call",
    "call": "call",
    "direct mail": None,
    "push": None,
    "banner ads": None,
    "advertisement": None,
}


class Statement(NamedTuple):
    """What one landed version says of one address: a refusal or a confirmed consent."""

    channel: str
    address: str | None
    is_refusal: bool
    stated_at: datetime


def refused_addresses(home: Path) -> set[tuple[str, str]]:
    """Return each channel and address whose last refusal is not older than its last confirmation."""
    last: dict[bool, dict[tuple[str, str], datetime]] = {True: {}, False: {}}
    for reckon in (_of_contacts, _of_members, _of_customers, _of_campaigns):
        for channel, address, is_refusal, stated_at in reckon(home):
            if address:
                times = last[is_refusal]
                times[channel, address] = max(stated_at, times.get((channel, address), stated_at))
    confirmed = last[False]
    return {key for key, at in last[True].items() if key not in confirmed or at >= confirmed[key]}


def _of_contacts(home: Path) -> Iterator[Statement]:
    first_refused_at: dict[tuple[str, str], datetime] = {}
    for row in sorted(_landed(home, "crm", "contacts"), key=lambda row: row["SystemModstamp"]):
        for field, channel in (("HasOptedOutOfEmail", "email"), ("DoNotCall", "call")):
            if row[field]:
                at = first_refused_at.setdefault((row["Id"], field), row["SystemModstamp"])
                for address in _addresses(row, channel):
                    yield Statement(channel, address, True, at)


def _of_members(home: Path) -> Iterator[Statement]:
    for row in _landed(home, "in_store", "loyalty_members"):
        if row["email_opt_in"] is False:
            yield Statement("email", _mailbox(row["email"]), True, row["updated_at"])


def _of_customers(home: Path) -> Iterator[Statement]:
    for row in _landed(home, "ecommerce", "customers"):
        for channel, address in (("email", _mailbox(row["email"])), ("sms", _number(row["phone"]))):
            consent = json.loads(row[f"{channel}_marketing_consent"] or "null") or {}
            is_refusal = consent.get("state") == "unsubscribed"
            is_confirmed = (consent.get("state"), consent.get("opt_in_level")) == ("subscribed", "confirmed_opt_in")
            if is_refusal or is_confirmed:
                at = datetime.fromisoformat(consent["consent_updated_at"]).astimezone(UTC).replace(tzinfo=None)
                yield Statement(channel, address, is_refusal, at)


def _of_campaigns(home: Path) -> Iterator[Statement]:
    versions = defaultdict(list)
    for row in _landed(home, "crm", "contacts"):
        versions[row["Id"]].append(row)
    for row in _landed(home, "crm", "campaign_members"):
        channel = _CAMPAIGN_CHANNELS.get((row["CampaignType"] or "").lower(), "email")
        if row["Status"] == "Unsubscribed" and channel:
            for contact in versions[row["ContactId"]]:
                for address in _addresses(contact, channel):
                    yield Statement(channel, address, True, row["FirstRespondedDate"] or row["SystemModstamp"])


def _landed(home: Path, source: str, stream: str) -> list[dict[str, Any]]:
    files = [str(path) for path in (home / "landing" / source / stream).rglob("*.parquet")]
    return duckdb.read_parquet(files, union_by_name=True).to_arrow_table().to_pylist()


def _addresses(contact: dict[str, Any], channel: str) -> list[str | None]:
    if channel == "email":
        return [_mailbox(contact["Email"])]
    return [_number(contact["Phone"]), _number(contact["MobilePhone"])]


def _mailbox(email: str | None) -> str | None:
    return (email or "").strip().lower() or None


def _number(phone: str | None) -> str | None:
    """Return an international number; to know one without a country prefix takes more than the number."""
    if not phone or not phone.strip().startswith("+"):
        return None
    try:
        return phonenumbers.format_number(phonenumbers.parse(phone, None), phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        return None
