"""Damages of those who the customers are: contacts, shop customers, loyalty members, members of an own club."""

import quopri
from datetime import date
from typing import Any

from cdp_orchestration.benchmark.planted.damage import damage as _of
from cdp_orchestration.benchmark.planted.rows import (
    Row,
    all_of,
    exchange,
    inside,
    moved,
    nothing,
    of_others,
    put,
    rewritten,
    sometimes,
    twice,
)

CONTACTS, CUSTOMERS, MEMBERS = "crm/contacts", "ecommerce/customers", "in_store/loyalty_members"
OWN = "club/mitglieder"

_blob = all_of(put("Email", "team@fernhill.example"), put("Phone", "+49 30 1234567"), put("LastName", "Müller"))
_new_contact = put("Id", lambda row: f"003ZZ{row['Id'][5:15]}")


def _garbled(text: str) -> str:
    return text.encode().decode("cp1252", errors="replace")


def _with_day_as_month(text: str) -> str:
    year, month, day = text.split("-")
    return f"{year}-{day}-{month}" if int(day) <= 12 else text


def _shifted_by_a_column(row: Row) -> None:
    names = ["FirstName", "MiddleName", "LastName", "Email", "Phone", "MobilePhone", "Birthdate", "MailingStreet"]
    values: list[Any] = [row[name] for name in names]
    row.update(zip(names, ["", *values[:-1]], strict=True))


PERSONS = (
    _of("all e-mails go null", CONTACTS, put("Email", ""), "emptied", of="again"),
    _of("new e-mails go null", CONTACTS, put("Email", ""), "filled"),
    _of("e-mails of a small delivery go null", CONTACTS, put("Email", ""), "filled", "warns", of="next"),
    _of("names go null", MEMBERS, all_of(put("given_name", None), put("family_name", None)), "filled"),
    _of("members of a document go null", CUSTOMERS, inside("default_address", "zip", None), "filled"),
    _of("a member of a document is renamed", CUSTOMERS,
        lambda row: (row["default_address"] or {}).update(postal_code=(row["default_address"] or {}).pop("zip", None)),
        "filled"),
    _of("a column is renamed", CONTACTS, lambda row: row.update(EmailAddress=row.pop("Email")), "emptied", of="again"),
    _of("the key is renamed", MEMBERS, lambda row: row.update(no=row.pop("member_id")), "refused", "warns"),
    _of("e-mails get a suffix", CONTACTS, rewritten("Email", lambda email: f"{email}.invalid"), "changed", of="again"),
    _of("new e-mails get a suffix", CUSTOMERS, rewritten("email", lambda email: f"{email}.invalid"), "known"),
    _of("new e-mails get a prefix", CUSTOMERS, rewritten("email", lambda email: f"mailto:{email}"), "known"),
    _of("e-mails are hashed", MEMBERS, rewritten("email", lambda email: f"{hash(email):x}"), "known"),
    _of("one e-mail for everybody", CONTACTS, put("Email", "a@fernhill.example"), "changed", of="again"),
    _of("one e-mail for new customers", CUSTOMERS, put("email", "a@gmail.com"), "shared"),
    _of("a third has the default e-mail", CUSTOMERS, sometimes(0.34, put("email", "noreply@gmail.com")), "shared"),
    _of("a tenth has one e-mail", CONTACTS, sometimes(0.1, put("Email", "x@fernhill.example")), "shared", "warns",
        of="again"),
    _of("test domains", CUSTOMERS, rewritten("email", lambda email: f"{email.partition('@')[0]}@test.local"), "known"),
    _of("one phone for everybody", CONTACTS, put("MobilePhone", "0170 1234567"), "changed", of="again"),
    _of("one phone for new members", MEMBERS, put("phone", "+491701234567"), "shared"),
    _of("phones in scientific notation", MEMBERS, rewritten("phone", lambda _: "4.91701E+11"), "filled"),
    _of("names exchanged", CONTACTS, exchange("FirstName", "LastName"), "changed", of="again"),
    _of("new names exchanged", CONTACTS, exchange("FirstName", "LastName"), "misplaced"),
    _of("new names of members exchanged", MEMBERS, exchange("given_name", "family_name"), "misplaced"),
    _of("a mapping exchanged", CONTACTS, exchange("Email", "MailingCity"), "changed", of="again"),
    _of("a mapping exchanged in new rows", MEMBERS, exchange("email", "city"), "misplaced"),
    _of("columns shifted by one", CONTACTS, _shifted_by_a_column, "misplaced"),
    _of("names in a wrong encoding", CONTACTS,
        all_of(*(rewritten(name, _garbled) for name in ("FirstName", "LastName", "MailingCity", "MailingStreet"))),
        "garbled"),
    _of("names with marks instead of letters", MEMBERS,
        all_of(*(rewritten(name, lambda text: text.encode("ascii", "replace").decode())
                 for name in ("given_name", "family_name"))), "garbled", "warns"),
    _of("names are cut", CUSTOMERS, all_of(*(rewritten(name, lambda text: text[:2]) for name in
                                              ("first_name", "last_name"))), "length"),
    _of("names are masked", CUSTOMERS, all_of(*(rewritten(name, lambda text: text[0] + "***") for name in
                                                 ("first_name", "last_name"))), "known"),
    _of("copies under new ids", CONTACTS, _new_contact, "copies", of="again"),
    _of("every new row twice under new ids", CONTACTS,
        put("LeadSource", "Web"), "copies", rearranged=twice(_new_contact)),
    _of("ids of another form", CUSTOMERS, put("id", lambda row: f"C-{row['id']}"), "known"),
    _of("loyalty numbers lost their beginning", MEMBERS, rewritten("loyalty_number", lambda text: text[5:]), "known"),
    _of("a default date of birth", CONTACTS, put("Birthdate", "1970-01-01"), "shared"),
    _of("every birthday is New Year", MEMBERS,
        put("date_of_birth", lambda row: row["date_of_birth"] and row["date_of_birth"].replace(month=1, day=1)),
        "commonest", "warns"),
    _of("phones of another country", MEMBERS, rewritten("phone", lambda text: "+1" + text.lstrip("+0")[2:]), "known"),
    _of("no e-mail but a word for it", CUSTOMERS, sometimes(0.4, put("email", "none")), "shared"),
    _of("names in quotes", CONTACTS, all_of(*(rewritten(name, lambda text: f'"{text}"') for name in
                                              ("FirstName", "LastName", "Email"))), "known"),
    _of("dates of birth of 1900", MEMBERS, put("date_of_birth", date(1900, 1, 1)), "shared"),
    _of("day and month exchanged", CONTACTS, rewritten("Birthdate", _with_day_as_month), "altered", of="again"),
    _of("dates of birth a day off", CONTACTS, put("Birthdate", lambda row: moved(row["Birthdate"], days=-1)), "altered",
        of="again"),
    _of("postcodes lost their zero", CONTACTS, rewritten("MailingPostalCode", lambda text: text.lstrip("0")),
        "lost zeros", "warns", of="again"),
    _of("consent for all", CUSTOMERS, inside("email_marketing_consent", "state", "subscribed"), "permissions"),
    _of("opt-in for all", MEMBERS, put("email_opt_in", True), "permissions", of="again"),
    _of("opt-ins flip", MEMBERS, put("email_opt_in", lambda row: not row["email_opt_in"]), "changed", of="again"),
    _of("no opt-outs", CONTACTS, put("HasOptedOutOfEmail", "false"), "permissions", of="again"),
    _of("opt-outs go null", CONTACTS, put("HasOptedOutOfEmail", ""), "emptied", of="again"),
    _of("new customers without a word about consent", CUSTOMERS, put("email_marketing_consent", None), "filled"),
    _of("all new members have left", MEMBERS, put("deleted_at", lambda row: row["updated_at"]), "ended"),
    _of("all new contacts are deleted", CONTACTS, put("IsDeleted", "true"), "ended"),
    _of("a blob that joins people", CONTACTS, _blob, "shared"),
    _of("a dozen without the family names that none lacked", MEMBERS, put("family_name", None), "filled", rows=12),
    _of("one of two files without e-mails", CONTACTS, put("Email", ""), "filled", of="again", files=2),
    _of("one of five files with one e-mail", CONTACTS, put("Email", "x@fernhill.example"), "shared", of="again",
        files=5),
    _of("a dozen with one e-mail", CONTACTS, put("Email", "a@fernhill.example"), "shared", rows=12),
    _of("a dozen with one birthday", MEMBERS, put("date_of_birth", date(1970, 1, 1)), "shared", rows=16),
    *(_of(f"e-mails of others ({stream})", stream, nothing, "namesakes", rearranged=of_others(field))
      for stream, field in ((CONTACTS, "Email"), (CUSTOMERS, "email"), (MEMBERS, "email"), (OWN, "mailadresse"))),
    _of("loyalty numbers of others", CONTACTS, nothing, "emptied", of="again",
        rearranged=of_others("Loyalty_Number__c")),
    _of("names as programs write them", CONTACTS,
        rewritten("LastName", lambda text: text.encode("unicode_escape").decode()), "garbled", "warns"),
    _of("names as mails write them", CONTACTS,
        rewritten("LastName", lambda text: quopri.encodestring(text.encode()).decode()), "garbled", "warns"),
    _of("own: e-mails go null", OWN, put("mailadresse", ""), "emptied", of="again"),
    _of("own: new e-mails get a suffix", OWN, rewritten("mailadresse", lambda email: f"{email}.invalid"), "known"),
    _of("own: names exchanged", OWN, exchange("vorname", "nachname"), "misplaced"),
    _of("own: consent for all", OWN, put("werbung", "ja"), "permissions"),
    _of("own: one phone for all", OWN, put("rufnummer", "+491701234567"), "shared"),
    _of("own: postcodes lost", OWN, put("plz", ""), "filled"),
    _of("own: names in a wrong encoding", OWN,
        all_of(*(rewritten(name, _garbled) for name in ("vorname", "nachname", "ort"))), "garbled", "warns"),
)  # fmt: skip
