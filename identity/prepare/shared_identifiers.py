"""Shared identifiers: values that too many people use (a shop's own phone, a block of flats) are suppressed."""

import duckdb
import pyarrow as pa

from identity.limits import Limits
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


def find_shared_values(work: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Create table `suppressed_values`: one row per suppressed value of `identifiers`, with its counts and reason.

    Counts given names, not records: one customer with a hundred receipts shares nothing. An e-mail or phone of the
    reason several_names is not suppressed: it stays evidence, but weaker.

    Args:
        work: The workspace; needs `identifiers` and `blocklist`.
        limits: The limits of the resolution, here names and initials per contact and address.
    """
    work.execute(
        f"create or replace table suppressed_values as {SHARED_SQL}",
        {
            "per_address": limits.names_per_address,
            "per_contact": limits.names_per_contact,
            "initials_per_contact": limits.initials_per_contact,
            "strangers": limits.strangers_per_contact,
            "several": _SEVERAL_STRANGERS,
        },
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
        select distinct
            identifier_type,
            identifier_value,
            suppressed.record_count,
            suppressed.name_count,
            suppressed.reason
        from {identifiers}
        inner join {suppressed} as suppressed using (identifier_type, value)
        union all
        select distinct
            written.identifier_type,
            written.identifier_value,
            conflicting.record_count,
            conflicting.name_count,
            conflicting.reason
        from {identifiers} as written
        inner join {conflicting} as conflicting
            on written.identifier_type = conflicting.identifier_type and written.value = conflicting.identifier_value
        order by identifier_type, identifier_value
    """


_ADDRESS_KEY = "street || '|' || coalesce(postcode, city, '')"

# Of given and family name, in any order: a mistyped name mostly keeps them, other people seldom have them;
# Bob is Robert
_FORMAL_NAME = "coalesce(given_roots[1], given_name)"
_INITIALS = f"array_to_string(list_sort([left({_FORMAL_NAME}, 1), left(family_name, 1)]), '')"

# A couple of two family names shares a mailbox; from so many names beside one family on, it is weaker evidence
_SEVERAL_STRANGERS = 2

# Few values are on so many records that their names need counting
SHARED_SQL = """
with frequent as (
    select identifier_type, value
    from identifiers
    group by identifier_type, value
    having count(*) > least($per_address, $per_contact, $initials_per_contact, $strangers)
    union
    select identifier_type, value from blocklist
),

-- the pairs of initials that have the most frequent initial are taken for one family
pairs as (
    select distinct identifier_type, value, initials
    from identifiers
    semi join frequent using (identifier_type, value)
    where length(initials) = 2 and identifier_type in ('email', 'phone')
),

pair_counts as (select identifier_type, value, count(*) as pair_count from pairs group by identifier_type, value),

family_counts as (
    select identifier_type, value, count(*) as family_count
    from (select distinct identifier_type, value, initials, unnest(string_split(initials, '')) as initial from pairs)
    group by identifier_type, value, initial
),

strangers as (
    select identifier_type, value, max(pair_count) - max(family_count) as stranger_count
    from family_counts
    inner join pair_counts using (identifier_type, value)
    group by identifier_type, value
)

select
    identifiers.identifier_type,
    identifiers.value,
    count(distinct person_record_id) as record_count,
    count(distinct given_name) as name_count,
    case
        when bool_or(blocklist.value is not null) then 'blocklisted'
        when
            name_count > if(identifiers.identifier_type = 'address', $per_address, $per_contact)
            or count(distinct initials) filter (identifiers.identifier_type in ('email', 'phone'))
            > $initials_per_contact
            or max(stranger_count) > $strangers
            then 'too_many_names'
        when max(stranger_count) >= $several then 'several_names'
    end as reason
from identifiers
semi join frequent using (identifier_type, value)
left join blocklist using (identifier_type, value)
left join strangers using (identifier_type, value)
group by identifiers.identifier_type, identifiers.value
having reason is not null
"""

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
