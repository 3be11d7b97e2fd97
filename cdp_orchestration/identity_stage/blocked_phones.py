"""Phones of the blocklist in the form of the person records: a number is suppressed however a person wrote it."""

from collections.abc import Iterable

import duckdb
import phonenumbers
import pyarrow as pa

from identity import BLOCKLIST

# Until 2019 a mobile in Mexico was dialled +52 1; person records have it without
_MEXICO, _FORMER_PREFIX, _DIGITS_IN_MEXICO = 52, "1", 10

_REGIONS_SQL = """
    with phones as (select unnest(phones) as phone from {person_records})

    select country_code as region, null as digits from {person_records} where country_code is not null
    union
    select null, substr(phone, 2, 3) from phones where phone like '+%'
"""


def with_international_phones(
    connection: duckdb.DuckDBPyConnection, person_records: str, blocklist: pa.Table
) -> pa.Table:
    """Add to each blocked phone its international forms; a number without country stands for one of each known country.

    Args:
        connection: the warehouse.
        person_records: the name of the table of all present records, with phones in E.164.
        blocklist: the identifier values to suppress, as people wrote them; see BLOCKLIST.

    Returns:
        The blocklist with further rows.
    """
    written = [row["identifier_value"] for row in blocklist.to_pylist() if row["identifier_type"] == "phone"]
    if not written:
        return blocklist
    rows = connection.execute(_REGIONS_SQL.format(person_records=person_records)).fetchall()
    regions = {region for region, _ in rows if region} | {found for _, digits in rows for found in _regions_of(digits)}
    forms = sorted({form for phone in written for form in international_forms(phone, sorted(regions))})
    further = [{"identifier_type": "phone", "identifier_value": form} for form in forms]
    return pa.concat_tables([blocklist, pa.Table.from_pylist(further, schema=BLOCKLIST)])


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
    if number.country_code == _MEXICO and digits[:-_DIGITS_IN_MEXICO] == _FORMER_PREFIX:
        number.national_number = int(digits[-_DIGITS_IN_MEXICO:])
    number.extension = None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _regions_of(digits: str | None) -> list[str]:
    for length in range(1, len(digits or "") + 1):
        found = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int((digits or "")[:length]))
        if found:
            return [region for region in found if region.isalpha()]
    return []
