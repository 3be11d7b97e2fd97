"""Phone numbers of any spelling to E.164, one row per distinct delivered value and country hint."""

from collections.abc import Iterable, Iterator
from typing import Any

import phonenumbers
import pyarrow as pa

# Results are reused as long as the same rules and the same release of the number plans gave them
STANDARDISED_WITH = f"rules 6, phonenumbers {phonenumbers.__version__}"
SCHEMA = pa.schema(
    [
        ("raw_value", pa.string()),
        ("country_hint", pa.string()),
        ("standard_value", pa.string()),
        ("number_type", pa.string()),
        ("is_valid", pa.bool_()),
        ("reason", pa.string()),
        ("standardised_with", pa.string()),
    ]
)


_MEXICO, _BRAZIL = 52, 55
# ITU-T E.164 allows 15 digits with the country's; the plans of some countries know longer numbers, and shorter ones
# than any subscriber has
_E164_DIGITS = range(7, 16)

NUMBER_TYPES = {code: name.lower() for name, code in vars(phonenumbers.PhoneNumberType).items() if type(code) is int}


def standard_phone(raw_value: str, country_hint: str | None) -> tuple[str | None, str | None]:
    """(E.164 or None, reason or None) of one number; the hint is the country of a number without a country prefix.

    A number of the right length is valid even in a range that the number plan leaves unassigned: plans change faster
    than the library's copy of them, and two records with the same number still share it.
    """
    number, reason = _parsed(raw_value, country_hint)
    return _e164(number), reason


def _parsed(raw_value: str, country_hint: str | None) -> tuple[phonenumbers.PhoneNumber | None, str | None]:
    try:
        number = phonenumbers.parse(raw_value, country_hint)
    except phonenumbers.NumberParseException as problem:
        without_country = problem.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE
        return None, "no_country" if without_country else "no_phone_number"
    number = _with_ninth_digit(_without_mobile_prefix(number))
    # A local part alone is also possible, but without an area code it is a number in every town.
    is_possible = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    if not is_possible or _digits(number) not in _E164_DIGITS:
        return None, "wrong_length"
    if _is_typed_for_form(str(number.national_number)):
        return None, "placeholder"
    return number, None


def _without_mobile_prefix(number: phonenumbers.PhoneNumber) -> phonenumbers.PhoneNumber:
    # until 2019 a mobile in Mexico was dialled +52 1 or 044; the number is the same without
    digits = str(number.national_number)
    if number.country_code == _MEXICO and digits[:-10] in ("1", "44", "45"):
        number.national_number, number.italian_leading_zero = int(digits[-10:]), None
    return number


def _with_ninth_digit(number: phonenumbers.PhoneNumber) -> phonenumbers.PhoneNumber:
    # since 2016 a mobile in Brazil has a 9 before its eight digits, which begin with 6 to 9; lines of a house have none
    digits = str(number.national_number)
    if number.country_code == _BRAZIL and len(digits) == 10 and digits[2] in "6789":
        number.national_number = int(f"{digits[:2]}9{digits[2:]}")
    return number


def _digits(number: phonenumbers.PhoneNumber) -> int:
    return len(str(number.country_code)) + len(phonenumbers.national_significant_number(number))


def _e164(number: phonenumbers.PhoneNumber | None) -> str | None:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if number else None


def _is_typed_for_form(digits: str) -> bool:
    return len(set(digits)) == 1 or digits in "01234567890123456789" or digits in "98765432109876543210"


def standard_rows(pairs: Iterable[tuple[str, str | None]]) -> Iterator[dict[str, Any]]:
    """One row per (raw value, hint)."""
    for raw_value, country_hint in pairs:
        number, reason = _parsed(raw_value, country_hint)
        yield {
            "raw_value": raw_value,
            "country_hint": country_hint,
            "standard_value": _e164(number),
            "number_type": NUMBER_TYPES[phonenumbers.number_type(number)] if number else None,
            "is_valid": number is not None,
            "reason": reason,
            "standardised_with": STANDARDISED_WITH,
        }


def known_phones(session: Any, this: Any, wanted: Any) -> pa.Table:
    """Rows of the last build that are still wanted and that the same rules gave; none on the first build."""
    columns = session.execute(
        "select column_name from duckdb_columns() where schema_name = ? and table_name = ? order by column_index",
        [this.schema, this.identifier],
    ).fetchall()
    if [name for (name,) in columns] != SCHEMA.names:
        return SCHEMA.empty_table()
    known = wanted.query(
        "wanted",
        f"select known.* from {this} as known inner join wanted on known.raw_value = wanted.raw_value "
        "and known.country_hint is not distinct from wanted.country_hint "
        f"where known.standardised_with = '{STANDARDISED_WITH}'",
    )
    return known.to_arrow_table().cast(SCHEMA)


def model(dbt: Any, session: Any) -> pa.Table:
    """Parse only numbers that the last build has not parsed: one takes a tenth of a millisecond."""
    dbt.config(materialized="table")
    of_people = dbt.ref("person_values").filter("kind = 'phone'").select("raw_value, country_hint")
    of_consents = dbt.ref("consent_contacts").filter("kind = 'phone'").select("raw_value, country_hint")
    wanted = of_people.union(of_consents).distinct()
    known = known_phones(session, dbt.this, wanted)
    done = {(row["raw_value"], row["country_hint"]) for row in known.to_pylist()}
    unknown = sorted(set(wanted.fetchall()) - done, key=str)
    return pa.concat_tables([known, pa.Table.from_pylist(list(standard_rows(unknown)), schema=SCHEMA)])
