"""Phones of the blocklist in the form of the person records: a number is suppressed however a person wrote it."""

import duckdb
import phonenumbers
import pyarrow as pa

from cdp_orchestration.release.phones import international_forms
from identity import BLOCKLIST

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


def _regions_of(digits: str | None) -> list[str]:
    for length in range(1, len(digits or "") + 1):
        found = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int((digits or "")[:length]))
        if found:
            return [region for region in found if region.isalpha()]
    return []
