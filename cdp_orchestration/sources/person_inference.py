"""What headings and values say of a person: the parts of name and address, contacts, consents. Guesses, by rule."""

import re
from collections.abc import Iterable, Sequence

from cdp_orchestration.sources.samples import Sample, filled, letters_of

Consent = tuple[str, str, tuple[str, ...], tuple[str, ...]]
"""Field, channel, granting and refusing values."""

_ADDRESS = r"[^@\s;,|<>]+@[^@\s;,|<>]+\.[^@\s;,|<>]+"
_HAS_EMAIL = re.compile(rf"(?s).*{_ADDRESS}.*")
_EMAIL = re.compile(_ADDRESS)
_PHONE = re.compile(r"[+(]?[\d][\d\s()./;,|-]{5,}")
_INTERNATIONAL_PHONE = re.compile(r"\+\d[\d\s()./-]{6,18}")
_GRANTS = {
    "subscribed", "granted", "opted_in", "opted-in", "opt-in", "yes", "y", "true", "1", "enabled", "ja", "oui", "si",
}  # fmt: skip
_REFUSALS = {
    "unsubscribed", "refused", "opted_out", "opted-out", "opt-out", "no", "n", "false", "0", "cleaned", "withdrawn",
    "nein", "non",
}  # fmt: skip

# What a heading means, by its letters alone, in the languages of many exports; the first that fits counts.
_MEANINGS: tuple[tuple[str, str], ...] = (
    ("given_name", r"(first|given|fore)names?|fname|vornamen?|prenom|voornaam|primeironome"),
    ("family_name", r"(last|family|sur)names?|lname|nachname|familienname|nomdefamille|apellidos?|cognome|achternaam"),
    ("middle_name", r"middlenames?|mname"),
    (
        "full_name",
        (
            r"(full|contact|customer|member|person|guest|client|subscriber|patient|student|donor|attendee|kunden|voll)?name|"
            r"displayname|nom(bre)?complet[oe]?|nomecompleto"
        ),
    ),
    ("date_of_birth", r"birth(day|date)?|dateofbirth|dob|geburts(tag|datum)|geboren|datedenaissance|fechadenacimiento"),
    ("emails", r".*e?mails?(address(es)?|adress(e|en)?|primary|work|home|value|\d)*|courriel|correo(electronico)?"),
    (
        "phones",
        (
            r"(.*(phone|mobile?|telefono?|movil|celular|whatsapp)|(home|work|private|contact|primary)?(tel|cell|handy|gsm))"
            r"(numbers?|nummer|nr|no|num|primary|work|home|value|\d)*"
        ),
    ),
    (
        "address_line",
        (
            r"(street|address|mailing|billing|home|postal)?(line)?1?(street|address|addressline1?)|strasse|adresse|"
            r"anschrift|direccion|indirizzo|rue|calle|morada"
        ),
    ),
    ("postcode", r".*(postcode|postalcode|zipcode|zip|plz|postleitzahl|codepostal|codigopostal)"),
    ("city", r".*(city|town)|ort|wohnort|stadt|ville|ciudad|citta|cidade|woonplaats"),
    ("region", r"(billing|shipping|mailing|home|address)?(region|state|province|county)(code|name)?|bundesland|kanton"),
    ("country", r".*country(code)?|land|pays|pais|paese"),
    ("preferred_language", r"(preferred)?(language|locale|lang)|sprache|langue|idioma"),
    ("loyalty_numbers", r"loyalty(card)?(number|no|id)"),
    ("shop_customer_ids", r"(shop|shopify|store)customer(id|number)"),
)
# Before a contact: that of somebody who serves the customer.
_OF_STAFF = re.compile(
    r"(owner|agent|assignee|assigned(to)?|rep(?!orter)|manager|staff|employee|seller|advisor|sender|from|reply(to)?|support|"
    r"store|branch|shop|createdby|updatedby|modifiedby|lastmodifiedby|referr?(er|ed(by)?))"
)
_STATES = {
    "open", "closed", "pending", "paid", "confirmed", "cancelled", "canceled", "shipped", "delivered", "active",
    "inactive", "new", "done", "draft", "failed", "completed", "refunded", "on_hold", "processing",
}  # fmt: skip
_WORDS_OF_LISTS = {"subscribed", "unsubscribed", "cleaned", "opted_in", "opted_out", "opted-in", "opted-out"}
_CONSENTS = (
    ("email", r".*(mail).*(optin|consent|subscribed|marketing|permission)|(optin|consent).*mail.*|newsletter.*"),
    ("sms", r".*sms.*(optin|consent)|(optin|consent).*sms.*"),
    ("call", r".*(call|phone).*(optin|consent)"),
)


def meanings_of(sample: Sample) -> dict[str, tuple[str, ...]]:
    """Return the attributes of a person that a sample has, each with its columns."""
    found: dict[str, tuple[str, ...]] = {}
    for name, values in sample.columns.items():
        meaning = _meaning(letters_of(name), filled(values))
        if meaning and (meaning.endswith("s") or meaning not in found):
            found[meaning] = (*found.get(meaning, ()), name)
    if found.keys() & {"given_name", "family_name"}:
        found.pop("full_name", None)
    return found | _contacts_by_value(sample, found)


def _meaning(letters: str, given: list[str]) -> str | None:
    meaning = next((meaning for meaning, form in _MEANINGS if re.fullmatch(form, letters)), None)
    values = {"emails": _HAS_EMAIL, "phones": _PHONE}.get(meaning or "")
    if values and (_OF_STAFF.match(letters) or not mostly(given, values)):
        return None
    if meaning == "region" and {value.lower() for value in given} & _STATES:
        return None
    return meaning


def _contacts_by_value(sample: Sample, found: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return columns of contacts whose headings do not say so, where no other column is a contact of the kind."""
    more: dict[str, tuple[str, ...]] = {}
    taken = {name for names in found.values() for name in names}
    for meaning, form in (("emails", _EMAIL), ("phones", _INTERNATIONAL_PHONE)):
        if meaning not in found:
            names = [
                name
                for name, values in sample.columns.items()
                if name not in taken and not _OF_STAFF.match(letters_of(name)) and mostly(filled(values), form, share=1)
            ]
            more |= {meaning: tuple(names[:1])} if names else {}
    return more


def consents_of(sample: Sample) -> Iterable[Consent]:
    """Yield what a sample says of consents."""
    for name, values in sample.columns.items():
        said = {value.lower() for value in filled(values)}
        granted, refused = sorted(said & _GRANTS), sorted(said & _REFUSALS)
        channel = next((channel for channel, form in _CONSENTS if re.fullmatch(form, letters_of(name))), None)
        if said & _WORDS_OF_LISTS and letters_of(name).endswith("status"):
            channel = channel or "email"
        if channel and granted:
            yield name, channel, tuple(granted), tuple(refused)


def mostly(values: Sequence[str], form: re.Pattern[str], share: float = 0.8) -> bool:
    """Return whether at least a share of some values is of a form."""
    return bool(values) and sum(bool(form.fullmatch(value)) for value in values) >= share * len(values)
