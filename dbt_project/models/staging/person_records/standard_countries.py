"""Country names and codes of any spelling to ISO 3166 alpha-2, one row per distinct delivered value."""

import gettext
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pycountry

SCHEMA = pa.schema(
    [
        ("raw_value", pa.string()),
        ("standard_value", pa.string()),
        ("is_valid", pa.bool_()),
        ("reason", pa.string()),
    ]
)


def comparable(text: str) -> str:
    """The text without case and outer blanks, for look-ups."""
    return " ".join(text.casefold().split())


def english_names() -> dict[str, str]:
    """Every code and English name of the ISO list: {comparable text: alpha-2}."""
    names = {}
    for country in pycountry.countries:
        for attribute in ("alpha_2", "alpha_3", "name", "common_name", "official_name"):
            text = getattr(country, attribute, None)
            if text:
                names[comparable(text)] = country.alpha_2
    return names


def translated_names() -> dict[str, str]:
    """The names in all languages of the ISO list; one that means two countries is left out."""
    names: dict[str, str] = {}
    ambiguous: set[str] = set()
    for catalogue in sorted(Path(pycountry.LOCALES_DIR).glob("*/LC_MESSAGES/iso3166-1.mo")):
        with catalogue.open("rb") as file:
            translate = gettext.GNUTranslations(file).gettext
        for country in pycountry.countries:
            for name in {country.name, getattr(country, "common_name", country.name)}:
                text = comparable(translate(name))
                if names.setdefault(text, country.alpha_2) != country.alpha_2:
                    ambiguous.add(text)
    return {text: code for text, code in names.items() if text not in ambiguous}


def country_codes(values: Iterable[str], variants: Iterable[tuple[str, str]]) -> dict[str, str | None]:
    """The alpha-2 code of each value, or None: own variants first, then the ISO list, then its translations."""
    known = english_names() | {comparable(text): code for text, code in variants}
    codes = {value: known.get(comparable(value)) for value in values}
    unknown = [value for value, code in codes.items() if code is None]
    if unknown:  # reading 160 catalogues takes half a second: only for values that need it
        translations = translated_names()
        codes |= {value: translations.get(comparable(value)) for value in unknown}
    return codes


def model(dbt: Any, session: Any) -> pa.Table:
    """Standardise what person records and the hints for their phones name as a country."""
    dbt.config(materialized="table")
    records = dbt.ref("delivered_person_records")
    variants = dbt.ref("country_variants").select("variant, country_code").fetchall()
    values = records.select("unnest([country, phone_country]) as raw_value").distinct()
    codes = country_codes([row[0] for row in values.order("raw_value").fetchall() if row[0]], variants)
    rows = [
        {
            "raw_value": value,
            "standard_value": code,
            "is_valid": code is not None,
            "reason": None if code else "no_country",
        }
        for value, code in codes.items()
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)
