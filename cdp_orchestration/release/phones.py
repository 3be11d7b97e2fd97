"""Phone numbers as people write them, in the form of the person records: E.164."""

from collections.abc import Iterable

import phonenumbers

# Until 2019 a mobile in Mexico was dialled +52 1, 044 or 045; person records have it without
_MEXICO, _FORMER_PREFIXES, _DIGITS_IN_MEXICO = 52, ("1", "44", "45"), 10
_E164_DIGITS = range(7, 16)


def international_forms(phone: str, regions: Iterable[str]) -> set[str]:
    """Return the E.164 forms of a phone: one where it names its country, else one for each region it is possible in."""
    # some write 00 in countries that dial out by other digits
    phone = f"+{phone.strip().removeprefix('00')}" if phone.strip().startswith("00") else phone
    known = _e164(phone, None)
    return {known} if known else {form for region in regions if (form := _e164(phone, region))}


def _e164(phone: str, region: str | None) -> str | None:
    try:
        number = phonenumbers.parse(phone, region)
    except phonenumbers.NumberParseException:
        return None
    digits = str(number.national_number)
    if number.country_code == _MEXICO and digits[:-_DIGITS_IN_MEXICO] in _FORMER_PREFIXES:
        number.national_number, number.italian_leading_zero = int(digits[-_DIGITS_IN_MEXICO:]), None
    number.extension = None
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    is_e164 = phonenumbers.is_possible_number(number) and len(written) - 1 in _E164_DIGITS
    return written if is_e164 else None
