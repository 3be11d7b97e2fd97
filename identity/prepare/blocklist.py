"""The blocklist: the identifier values that the caller suppresses, in the form in which records have them."""

import duckdb
import pyarrow as pa

from identity.prepare.contacts import canonical_email, canonical_number, canonical_phone
from identity.prepare.records import STRONG_IDENTIFIER_TYPES
from identity.schemas import BLOCKLIST


def create_blocklist(work: duckdb.DuckDBPyConnection, blocklist: pa.Table | None) -> None:
    """Create table `blocklist` (identifier_type, value): the caller's values (see BLOCKLIST) in their compared form."""
    numbers = " ".join(
        f"when '{kind}' then {canonical_number('identifier_value', kind)}" for kind in STRONG_IDENTIFIER_TYPES.values()
    )
    work.register("blocklist_arrow", blocklist or BLOCKLIST.empty_table())
    work.execute(
        f"""
        create table blocklist as
        select distinct identifier_type, value
        from (
            select
                identifier_type,
                case identifier_type
                    when 'email' then {canonical_email("trim(identifier_value)")}
                    when 'phone' then {canonical_phone("identifier_value")}
                    {numbers}
                    else identifier_value
                end as value
            from blocklist_arrow
        )
        where value is not null
        """
    )
    work.unregister("blocklist_arrow")
