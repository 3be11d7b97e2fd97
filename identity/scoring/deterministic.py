"""Deterministic links: by strong identifiers, unless a number is used by different people, and by must_links."""

import duckdb

from identity.model.levels import level_is
from identity.prepare.records import STRONG_IDENTIFIER_TYPES

# Another given name is another person, unless the birth date is the same
CONFLICT = f"{level_is('given_name', 'different')} and not {level_is('date_of_birth', 'same', 'one_change')}"


def create_deterministic_pairs(
    work: duckdb.DuckDBPyConnection, weighed: str, known_conflicts: str | None = None
) -> None:
    """Create table `deterministic_pairs`: one row per pair of units that a strong identifier or a must_link joins.

    Its reason is the most trusted identifier that both hold, or must_link.

    Also creates `conflicting_identifiers`: one row per strong identifier that different people use, or payment card
    that is seen with several loyalty numbers. Such a card makes no link; the other conflicting identifiers link the
    holders that do not differ.

    Args:
        work: The workspace; needs `units`, `unit_members`, `oversized_blocks` and `override_pairs`.
        weighed: The name of the table of all weighed pairs; see `identity.scoring.match_weights`.
        known_conflicts: The name of a table of conflicting identifiers that were found before and still hold. Then only
            the identifiers in table `blocks_to_reevaluate` (block) are examined, of which all holders are in `units`.
    """
    work.execute(f"create table strong_values as {_strong_values_sql()}")
    work.execute(f"create table conflicting_identifiers as {_all_conflicting_sql(weighed, known_conflicts)}")
    work.execute(f"create table deterministic_pairs as {_pairs_sql(weighed)}")


def _pairs_sql(weighed: str) -> str:
    return f"""
        with shared as (
            select
                least(l.unit, r.unit) as left_unit,
                greatest(l.unit, r.unit) as right_unit,
                min_by(l.reason, l.trust) as reason
            from strong_values as l
            inner join strong_values as r
                on l.identifier_type = r.identifier_type and l.value = r.value and l.unit < r.unit
            where (l.identifier_type, l.value) not in (
                select (identifier_type, identifier_value)
                from conflicting_identifiers
                where reason = 'several_loyalty_numbers'
            )
            group by 1, 2
        )

        select shared.*
        from shared
        inner join {weighed} using (left_unit, right_unit)
        anti join override_pairs using (left_unit, right_unit)
        where not ({CONFLICT})
        union all
        select left_unit, right_unit, override_reason
        from override_pairs
        where decision = 'must_link'
    """


def _all_conflicting_sql(weighed: str, known_conflicts: str | None) -> str:
    if known_conflicts is None:
        return _conflicting_sql(weighed, "strong_values")
    reevaluated = (
        "(from strong_values semi join blocks_to_reevaluate on hash(reason, value) = blocks_to_reevaluate.block)"
    )
    return f"{_conflicting_sql(weighed, reevaluated)} union all select * from {known_conflicts}"


def _strong_values_sql() -> str:
    values = " union all ".join(
        f"select unit, unnest({column}) as value, '{kind}' as identifier_type, 'same_{kind}' as reason, "
        f"{trust} as trust, given_name, loyalty_numbers from units"
        for trust, (column, kind) in enumerate(STRONG_IDENTIFIER_TYPES.items())
    )
    return f"select * from ({values}) anti join oversized_blocks on hash(reason, value) = oversized_blocks.block"


def _conflicting_sql(weighed: str, values: str) -> str:
    return f"""
        with examined as (from {values}),

        conflicts as (
            select distinct l.identifier_type, l.value
            from examined as l
            inner join examined as r
                on l.identifier_type = r.identifier_type and l.value = r.value and l.unit < r.unit
            inner join {weighed} on l.unit = left_unit and r.unit = right_unit
            where {CONFLICT}
        ),

        counted as (
            select
                identifier_type,
                value,
                count(distinct unit_members.record) as record_count,
                count(distinct given_name) as name_count,
                len(list_distinct(flatten(list(coalesce(loyalty_numbers, []))))) as loyalty_count
            from examined
            inner join unit_members using (unit)
            where identifier_type = 'card_fingerprint' or (identifier_type, value) in (from conflicts)
            group by identifier_type, value
        )

        select
            counted.identifier_type,
            counted.value as identifier_value,
            record_count,
            name_count,
            if(counted.identifier_type = 'card_fingerprint' and loyalty_count > 1,
                'several_loyalty_numbers', 'several_names') as reason
        from counted
        left join conflicts on counted.identifier_type = conflicts.identifier_type and counted.value = conflicts.value
        where conflicts.value is not null or (counted.identifier_type = 'card_fingerprint' and loyalty_count > 1)
    """
