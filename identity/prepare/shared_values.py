"""Shared values: identifier values that too many names use, counted over the whole population."""

import duckdb

from identity.limits import Limits

# A couple of two family names shares a mailbox; from so many names beside one family on, it is weaker evidence
_SEVERAL_STRANGERS = 2


def find_shared_values(work: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Create table `suppressed_values`: one row per suppressed value of `identifiers`, with its counts and reason.

    Counts given names, not records: one customer with a hundred receipts shares nothing. An e-mail or phone of the
    reason several_names is not suppressed: it stays evidence, but weaker.

    Args:
        work: The workspace; needs `identifiers` and `blocklist`.
        limits: The limits of the resolution, here names and initials per contact and address.
    """
    work.execute(f"create or replace table value_holders as {value_holders_sql(limits)}")
    count_names(work, limits)


def count_names(work: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Create table `suppressed_values` from the counted holders of values; see find_shared_values.

    Args:
        work: The workspace; needs `value_holders` and `blocklist`.
        limits: The limits of the resolution.
    """
    work.execute(
        f"create or replace table suppressed_values as {_SHARED_SQL}",
        {
            "per_address": limits.names_per_address,
            "per_contact": limits.names_per_contact,
            "initials_per_contact": limits.initials_per_contact,
            "strangers": limits.strangers_per_contact,
            "several": _SEVERAL_STRANGERS,
        },
    )


def value_holders_sql(limits: Limits) -> str:
    """SQL of the holders of each value that many records have, or the blocklist: their names, with counts of records.

    A record has one name, so that the counts of a value add up to its records. Every engine understands this SQL.

    Args:
        limits: The limits of the resolution; few values are on so many records that their names need counting.

    Returns:
        A select statement (identifier_type, value, given_name, initials, record_count) on `identifiers`, `blocklist`.
    """
    few = min(
        limits.names_per_address, limits.names_per_contact, limits.initials_per_contact, limits.strangers_per_contact
    )
    return f"""
        with frequent as (
            select identifier_type, value
            from identifiers
            group by identifier_type, value
            having count(*) > {few}
            union
            select identifier_type, value from blocklist
        ),

        held as (
            select distinct identifier_type, value, given_name, initials, person_record_id
            from identifiers
            inner join frequent using (identifier_type, value)
        )

        select identifier_type, value, given_name, initials, count(*) as record_count
        from held
        group by identifier_type, value, given_name, initials
    """


_SHARED_SQL = """
-- the pairs of initials that have the most frequent initial are taken for one family
with pairs as (
    select distinct identifier_type, value, initials
    from value_holders
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
    holders.identifier_type,
    holders.value,
    cast(sum(record_count) as bigint) as record_count,
    count(distinct given_name) as name_count,
    case
        when bool_or(blocklist.value is not null) then 'blocklisted'
        when
            name_count > if(holders.identifier_type = 'address', $per_address, $per_contact)
            or count(distinct initials) filter (holders.identifier_type in ('email', 'phone'))
            > $initials_per_contact
            or max(stranger_count) > $strangers
            then 'too_many_names'
        when max(stranger_count) >= $several then 'several_names'
    end as reason
from value_holders as holders
left join blocklist using (identifier_type, value)
left join strangers using (identifier_type, value)
group by holders.identifier_type, holders.value
having reason is not null
"""
