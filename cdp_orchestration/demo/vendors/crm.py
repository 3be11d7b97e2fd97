"""Salesforce exports: contacts, the accounts they work for, campaign members. CSV."""

from cdp_orchestration.demo import dates
from cdp_orchestration.demo.campaigns import RESPONSE, Campaign, campaigns
from cdp_orchestration.demo.countries import Country
from cdp_orchestration.demo.details import CRM, Details
from cdp_orchestration.demo.dice import Dice
from cdp_orchestration.demo.family_names import USUAL
from cdp_orchestration.demo.noise import type_phone
from cdp_orchestration.demo.people import Person
from cdp_orchestration.demo.scene import Scene
from cdp_orchestration.demo.transliteration import mail_letters

CONTACT_COLUMNS = (
    "Id", "IsDeleted", "AccountId", "FirstName", "MiddleName", "LastName", "Email", "Phone", "MobilePhone", "Birthdate",
    "MailingStreet", "MailingCity", "MailingState", "MailingPostalCode", "MailingCountry", "LeadSource",
    "HasOptedOutOfEmail", "DoNotCall", "Loyalty_Number__c", "CreatedDate", "LastModifiedDate", "SystemModstamp",
    "IsPersonAccount",
)  # fmt: skip
ACCOUNT_COLUMNS = (
    "Id", "IsDeleted", "Name", "Industry", "Website", "BillingCountry", "CreatedDate", "SystemModstamp",
    "IsPersonAccount",
)  # fmt: skip
MEMBER_COLUMNS = (
    "Id", "CampaignId", "CampaignName", "CampaignType", "ContactId", "Status", "FirstRespondedDate", "CreatedDate",
    "SystemModstamp", "IsDeleted",
)  # fmt: skip
LEAD_SOURCES = ("Web", "Web", "Event", "In Store", "In Store", "Phone Inquiry", "Partner Referral", "Direct Mail", "")
TRADES = {
    "Logistics": "Transportation", "Architects": "Construction", "Catering": "Food & Beverage", "Dental": "Healthcare",
    "Hotels": "Hospitality", "Interiors": "Retail", "Software": "Technology", "Print": "Media", "Legal": "Consulting",
    "Schools": "Education",
}  # fmt: skip


def write_accounts(scene: Scene, lands: tuple[Country, ...], count: int) -> list[tuple[str, str]]:
    """Write organisations; return their ids and mail domains."""
    return [_write_account(scene, scene.dice.pick(lands).names[0]) for _ in range(count)]


def _write_account(scene: Scene, land: str) -> tuple[str, str]:
    dice, number = scene.dice, scene.number("account")
    trade, founder = dice.pick(tuple(TRADES)), dice.pick(USUAL["GB"].split())
    account_id, domain = f"0015e{number:010d}AAA", f"{mail_letters(founder, 'GB')}-{trade.lower()}{number}.example"
    created_at = dice.between(dates.epoch(dates.FIRST_DAY), dates.history_start())
    moments = (created_at, dice.between(created_at + dates.DAY, dates.end() - 1))
    is_deleted = dice.chance(0.02)

    def row(version: int) -> tuple[object, ...]:
        site = f"https://www.{domain}" if version else ""
        times = (dates.iso(created_at), dates.iso(moments[version]))
        return (
            account_id,
            _flag(is_deleted and version > 0),
            f"{founder} {trade}",
            TRADES[trade],
            site,
            land,
            *times,
            "false",
        )

    scene.outbox.send_versions("crm/accounts", moments, row)
    return account_id, domain


def write_contact(scene: Scene, person: Person, created_at: int, loyalty_number: str) -> tuple[str, int, bool]:
    """Write one contact with its versions; return its id, its deletion time (or the end), and its opt-out."""
    dice = scene.dice
    contact_id = f"0035e{scene.number('contact'):010d}AAA"
    versions = scene.history(person, CRM, created_at)
    source, opted_out, no_calls = dice.pick(LEAD_SOURCES), dice.chance(0.14), dice.chance(0.08)
    landline = type_phone(dice, person.country, person.landline) if person.landline and dice.chance(0.4) else ""
    stated = (source, _flag(opted_out), _flag(no_calls), loyalty_number)
    deleted_at = dates.deletion_after(dice, versions[-1][0]) if dice.chance(0.012) else dates.end()
    if deleted_at < dates.end():
        versions.append((deleted_at, versions[-1][1]))
    account = person.account_id if dice.chance(0.8) else ""

    def row(version: int) -> tuple[object, ...]:
        at, details = versions[version]
        is_deleted = _flag(at == deleted_at)
        return _contact(
            contact_id, is_deleted, account, details, landline, stated, (dates.iso(created_at), dates.iso(at))
        )

    delivered = scene.outbox.send_versions("crm/contacts", [at for at, _ in versions], row)
    scene.truth.note(("crm", "contact"), contact_id, person.person_id, delivered)
    return contact_id, deleted_at, opted_out


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _contact(
    contact_id: str, is_deleted: str, account_id: str, details: Details, landline: str,
    stated: tuple[str, ...], times: tuple[str, str],
) -> tuple[object, ...]:  # fmt: skip
    name, (source, opted_out, no_calls, loyalty) = details.name, stated
    # The spelling of the country differs between records, but not between versions of one.
    country = details.country.names[int(contact_id[-5]) % len(details.country.names)] if details.line else ""
    return (
        contact_id, is_deleted, account_id, name.given, name.middle, name.family, details.email, landline,
        details.phone, details.birth, details.line, details.city, details.region, details.postcode, country, source,
        opted_out, no_calls, loyalty, times[0], times[1], times[1], "false",
    )  # fmt: skip


def write_campaign_members(
    scene: Scene, contact: tuple[str, int, bool], interest: float, since: int, until: int
) -> list[tuple[int, Campaign]]:
    """Add a contact to the campaigns of a period.

    Args:
        scene: the state of the chunk.
        contact: its id, its deletion time and its opt-out, as ``write_contact`` returns them.
        interest: a factor on the response rates; 1 is average.
        since: the beginning of the period, in epoch seconds.
        until: its end, in epoch seconds.

    Returns:
        When the contact clicked on which campaign.
    """
    contact_id, deleted_at, opted_out = contact
    dice, clicks = scene.dice, []
    for campaign in campaigns():
        if not since < campaign.starts_at < min(until, deleted_at) or dice.random() > 0.32:
            continue
        if opted_out and campaign.type == "Email" and dice.chance(0.93):
            continue
        status, answered_at = _answer(dice, campaign, interest)
        _write_member(scene, campaign, contact_id, status, answered_at)
        if status == "Clicked" or (status == "Responded" and campaign.type == "Email"):
            clicks.append((answered_at, campaign))
    return clicks


def _answer(dice: Dice, campaign: Campaign, interest: float) -> tuple[str, int]:
    opened, clicked, responded = RESPONSE[campaign.type]
    answered_at = campaign.starts_at + int(dice.random() ** 3 * 9 * dates.DAY) + 900
    luck = dice.random()
    if luck < 0.018 and campaign.type in ("Email", "SMS"):
        return "Bounced", answered_at
    if luck > 0.992 and opened:
        return "Unsubscribed", answered_at
    if dice.random() < responded * interest:
        return "Responded", answered_at
    if dice.random() > opened * interest:
        return "Sent", answered_at
    return ("Clicked" if dice.random() < clicked * interest else "Opened"), answered_at


def _write_member(scene: Scene, campaign: Campaign, contact_id: str, status: str, answered_at: int) -> None:
    member_id = f"00v5e{scene.number('member'):010d}AAA"
    sent_at = campaign.starts_at + scene.dice.between(0, 3 * dates.HOUR)
    moments = (
        (sent_at, max(answered_at, sent_at + 60)) if status != "Sent" and answered_at < dates.end() else (sent_at,)
    )

    def row(version: int) -> tuple[object, ...]:
        at = moments[version]
        is_answer = version > 0 and status in ("Clicked", "Responded")
        return (
            member_id, campaign.campaign_id, campaign.name, campaign.type, contact_id, status if version else "Sent",
            dates.iso(at) if is_answer else "", dates.iso(sent_at), dates.iso(at), "false",
        )  # fmt: skip

    scene.outbox.send_versions("crm/campaign_members", moments, row)
