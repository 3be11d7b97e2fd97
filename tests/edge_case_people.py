"""The hard cases of `data/edge_case_people.yaml` as person records."""

from pathlib import Path
from typing import Any

import yaml

LISTS = {
    "email": "emails",
    "phone": "phones",
    "loyalty_number": "loyalty_numbers",
    "shop_customer_id": "shop_customer_ids",
    "card": "card_fingerprints",
}
TEXTS = {
    "given_name": "given_name",
    "middle_name": "middle_name",
    "family_name": "family_name",
    "full_name": "full_name",
    "date_of_birth": "date_of_birth",
    "street": "address_line",
    "city": "city",
    "postcode": "postcode",
    "country": "country_code",
}


def edge_cases() -> list[dict[str, Any]]:
    """Return the cases as they are written."""
    file = Path(__file__).parent / "data" / "edge_case_people.yaml"
    return list(yaml.safe_load(file.read_text(encoding="utf-8")))


def as_record(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a case under the names of the platform's columns."""
    record: dict[str, Any] = {TEXTS[name]: value for name, value in fields.items() if name in TEXTS}
    for name in LISTS.keys() & fields.keys():
        record[LISTS[name]] = fields[name] if isinstance(fields[name], list) else [fields[name]]
    return record


def records_of(case: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the records of a case by their keys."""
    return {
        f"{case['title']}|{person}|{number}": as_record(fields)
        for person, records in case["people"].items()
        for number, fields in enumerate(records)
    }
