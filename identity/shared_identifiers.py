"""Values that many people hold (a shop's own phone, a placeholder, a block of flats) are no evidence for anyone."""

import duckdb
import pyarrow as pa

from identity.features import canonical_email, canonical_phone
from identity.limits import Limits
from identity.schemas import OUTPUT_SCHEMAS


def withhold_shared_values(work: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Take shared values out of `features` and keep them in table `shared_values`.

    shared_values: one row per identifier type and canonical value, with its record and name counts. Counts given
    names, not records: one customer with a hundred receipts shares nothing.
    """
    work.execute(f"create table shared_values as {_SHARED_SQL}", _limits_of(limits))
    withhold_known_values(work)


def withhold_known_values(work: duckdb.DuckDBPyConnection) -> None:
    """Take the values of table `shared_values` (identifier_type, value in canonical form) out of `features`."""
    work.execute(f"create or replace table features as {_WITHOUT_SHARED_SQL}")


def shared_identifiers(work: duckdb.DuckDBPyConnection) -> pa.Table:
    """One row per identifier value, as the caller wrote it, that is no evidence; see OUTPUT_SCHEMAS."""
    found = work.execute(
        f"""
        with written as (
            select 'email' as identifier_type, x as identifier_value, {canonical_email("x")} as value
            from (select unnest(emails) as x from records)
            union
            select 'phone', x, {canonical_phone("x")}
            from (select unnest(phones) as x from records)
            union
            select 'address', value, value
            from shared_values
            where identifier_type = 'address'
        ),

        rows as (
            select written.identifier_type, identifier_value, record_count, name_count, 'too_many_names' as reason
            from written
            inner join shared_values using (identifier_type, value)
            union all
            select identifier_type, identifier_value, record_count, name_count, reason
            from disputed_identifiers
        )

        select * from rows
        order by identifier_type, identifier_value
        """
    ).to_arrow_table()
    return found.cast(OUTPUT_SCHEMAS["shared_identifiers"])


# Table `features`: an address as one value
ADDRESS_KEY = "street || '|' || coalesce(postcode, city, '')"

_SHARED_SQL = f"""
with held as (
    select 'email' as identifier_type, unnest(emails) as value, record, given_name from features
    union all
    select 'phone', unnest(phones), record, given_name from features
    union all
    select 'address', {ADDRESS_KEY}, record, given_name from features where street is not null
)

select
    identifier_type,
    value,
    count(*) as record_count,
    count(distinct given_name) as name_count
from held
group by identifier_type, value
having name_count > if(identifier_type = 'address', $per_address, $per_contact)
"""


_WITHOUT_SHARED_SQL = f"""
with withheld as (
    select
        coalesce(list(value) filter (identifier_type = 'email'), []) as shared_emails,
        coalesce(list(value) filter (identifier_type = 'phone'), []) as shared_phones,
        coalesce(list(value) filter (identifier_type = 'address'), []) as shared_addresses
    from shared_values
),

kept as (
    select features.* replace (
        list_filter(emails, lambda x: not list_contains(shared_emails, x)) as emails,
        list_filter(phones, lambda x: not list_contains(shared_phones, x)) as phones,
        if(list_contains(shared_addresses, {ADDRESS_KEY}), null, street) as street
    )
    from features
    cross join withheld
)

select * replace (
    list_filter(
        email_users,
        lambda u: list_contains(list_transform(emails, lambda e: split_part(e, '@', 1)), u)
    ) as email_users
)
from kept
order by record
"""


def _limits_of(limits: Limits) -> dict[str, int]:
    return {"per_address": limits.names_per_address, "per_contact": limits.names_per_contact}
