"""Shared identifiers: values that too many people use (a shop's own phone, a block of flats) are suppressed."""

import duckdb
import pyarrow as pa

from identity.prepare.contacts import canonical_email, canonical_number, canonical_phone, mailbox_forms
from identity.prepare.records import STRONG_IDENTIFIER_TYPES
from identity.schemas import OUTPUT_SCHEMAS


def create_identifiers(work: duckdb.DuckDBPyConnection) -> None:
    """Create table `identifiers`: one row per record and identifier value as the caller wrote it.

    Columns: person_record_id, identifier_type, identifier_value (as written), value (as compared), given_name,
    initials.

    Args:
        work: The workspace; needs `records` and `features`.
    """
    strong = " ".join(
        f"union all select record, '{kind}', x, {canonical_number('x', kind)} "
        f"from (select record, unnest({column}) as x from records)"
        for column, kind in STRONG_IDENTIFIER_TYPES.items()
    )
    work.execute(
        f"""
        create or replace table identifiers as
        with named as (select record, person_record_id, given_name, {_INITIALS} as initials from features),

        written as (
            select record, 'email' as identifier_type, x as identifier_value, {canonical_email("x")} as value
            from (select record, unnest(emails) as x from records)
            union all
            select record, 'phone', x, {canonical_phone("x")}
            from (select record, unnest(phones) as x from records)
            union all
            select record, 'address', {_ADDRESS_KEY}, {_ADDRESS_KEY}
            from features
            where street is not null
            {strong}
        )

        select person_record_id, identifier_type, identifier_value, value, given_name, initials
        from written
        inner join named using (record)
        where value is not null
        """
    )


def suppress_shared_values(work: duckdb.DuckDBPyConnection) -> None:
    """Remove the values of `suppressed_values` from `features`, and add the columns that describe its contacts.

    narrow_emails and narrow_phones are those on which no several names stand.

    Args:
        work: The workspace; needs `features`, `suppressed_values` and `identifiers`, which has the holders of a value.
    """
    work.execute(f"create or replace table features as {_WITHOUT_SUPPRESSED_SQL}")


def shared_identifiers(work: duckdb.DuckDBPyConnection) -> pa.Table:
    """One row per suppressed or conflicting identifier value, as the caller wrote it.

    Args:
        work: The workspace; needs `identifiers`, `suppressed_values` and `conflicting_identifiers`.

    Returns:
        The table; see OUTPUT_SCHEMAS.
    """
    return work.execute(shared_identifiers_sql()).to_arrow_table().cast(OUTPUT_SCHEMAS["shared_identifiers"])


def shared_identifiers_sql(
    identifiers: str = "identifiers",
    suppressed: str = "suppressed_values",
    conflicting: str = "conflicting_identifiers",
) -> str:
    """SQL of the rows of `shared_identifiers`, from tables of these names."""
    return f"""
        -- together, so that the identifiers of all records are read once
        with shared as (
            select identifier_type, value, record_count, name_count, reason from {suppressed}
            union all
            select identifier_type, identifier_value, record_count, name_count, reason from {conflicting}
        )

        select distinct
            written.identifier_type,
            written.identifier_value,
            shared.record_count,
            shared.name_count,
            shared.reason
        from {identifiers} as written
        inner join shared on written.identifier_type = shared.identifier_type and written.value = shared.value
        order by written.identifier_type, written.identifier_value
    """


_ADDRESS_KEY = "street || '|' || coalesce(postcode, city, '')"

# Of given and family name, in any order: a mistyped name mostly keeps them, other people seldom have them;
# Bob is Robert
_FORMAL_NAME = "coalesce(given_roots[1], given_name)"
_INITIALS = f"array_to_string(list_sort([left({_FORMAL_NAME}, 1), left(family_name, 1)]), '')"

_WITHOUT_SUPPRESSED_SQL = f"""
with suppressed as (
    select
        person_record_id,
        list(value) filter (identifier_type = 'email' and reason <> 'several_names') as shared_emails,
        list(value) filter (identifier_type = 'phone' and reason <> 'several_names') as shared_phones,
        list(value) filter (identifier_type = 'email') as wide_emails,
        list(value) filter (identifier_type = 'phone') as wide_phones,
        bool_or(identifier_type = 'address') as is_address_shared,
        {
    ", ".join(
        f"list(value) filter (identifier_type = '{kind}') as shared_{column}"
        for column, kind in STRONG_IDENTIFIER_TYPES.items()
    )
}
    from identifiers
    inner join suppressed_values using (identifier_type, value)
    group by person_record_id
),

remaining as (
    select features.* replace (
        {
    ", ".join(
        f"if(shared_{column} is null, {column}, list_filter({column}, lambda x: not list_contains(shared_{column}, x)))"
        f" as {column}"
        for column in ("emails", "phones", *STRONG_IDENTIFIER_TYPES)
    )
},
        if(is_address_shared, null, street) as street
    ),
        {
    ", ".join(
        f"if(wide_{column} is null, {column}, list_filter({column}, lambda x: not list_contains(wide_{column}, x)))"
        f" as narrow_{column}"
        for column in ("emails", "phones")
    )
}
    from features
    left join suppressed on features.person_record_id = suppressed.person_record_id
)

select *, {mailbox_forms()}
from remaining
"""
