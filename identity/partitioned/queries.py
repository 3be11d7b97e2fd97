"""The queries between the stages, in the SQL that both DuckDB and Spark understand; steps are tables by their names."""

from collections.abc import Iterable

from identity.limits import Limits
from identity.partitioned.engine import BUCKET
from identity.prepare.records import STRONG_IDENTIFIER_TYPES
from identity.prepare.shared_values import value_holders_sql
from identity.scoring.blocking import blocking_rules, most_units_sql

_STRONG_RULES = ", ".join(
    str(number)
    for number, name in enumerate(blocking_rules())
    if name.removeprefix("same_") in STRONG_IDENTIFIER_TYPES.values()
)


def in_buckets(key: str, buckets: int) -> str:
    """SQL of the bucket of a hash; equal keys are in one bucket."""
    return f"abs({key} % {buckets}) as {BUCKET}"


def holders(limits: Limits, buckets: int) -> str:
    """SQL of the counted holders of values, those of one value in one bucket."""
    return f"select {in_buckets('hash(identifier_type, value)', buckets)}, * from ({value_holders_sql(limits)}) as held"


def oversized_blocks(limits: Limits) -> str:
    """SQL of the blocks with more units than the limit: counted before any block is moved."""
    most = most_units_sql(limits, by_number=True)
    return f"select rule, block from blocks group by rule, block having count(*) > {most}"


def usable_blocks(buckets: int) -> str:
    """SQL of the rows of all blocks but the oversized ones."""
    return f"""
        select {in_buckets("blocks.block", buckets)}, blocks.block, blocks.unit_key
        from blocks
        left join oversized_blocks on blocks.block = oversized_blocks.block
        where oversized_blocks.block is null
    """


# A record of an override is a unit of its own, so that it is the unit's first record
OVERRIDE_PAIRS = """
    select least(l.unit_key, r.unit_key) as one_key, greatest(l.unit_key, r.unit_key) as other_key
    from overrides
    inner join units as l on left_id = l.first_record
    inner join units as r on right_id = r.first_record
"""

PAIRS = "select one_key, other_key from block_pairs union select one_key, other_key from override_pairs"


def scored_pairs(buckets: int) -> str:
    """SQL of the pairs to score."""
    return f"select {in_buckets('one_key', buckets)}, one_key, other_key from pairs"


def scored_units(buckets: int, columns: Iterable[str]) -> str:
    """SQL of the units that the pairs of each bucket need."""
    values = ", ".join(f"units.{name}" for name in columns)
    return f"""
        select needed.{BUCKET}, {values}
        from (
            select {in_buckets("one_key", buckets)}, one_key as unit_key from pairs
            union
            select {in_buckets("one_key", buckets)}, other_key as unit_key from pairs
        ) as needed
        inner join units on needed.unit_key = units.unit_key
    """


def edges_of_units(limits: Limits) -> str:
    """SQL of the pairs that must be decided together: ties, overrides, and all holders of a strong identifier."""
    # whether an identifier is conflicting depends on all its holders
    return f"""
        with strong as (select block, unit_key from blocks where rule in ({_STRONG_RULES})),

        firsts as (
            select block, min(unit_key) as one_key
            from strong
            group by block
            having count(*) between 2 and {limits.records_per_block}
        )

        select one_key, other_key, weight from ties where one_key is not null
        union all
        select one_key, other_key, cast('infinity' as double) as weight from override_pairs
        union all
        select firsts.one_key, strong.unit_key as other_key, cast('infinity' as double) as weight
        from strong
        inner join firsts on strong.block = firsts.block
        where firsts.one_key <> strong.unit_key
    """


def placed_units(buckets: int, columns: Iterable[str]) -> str:
    """SQL of the units with their components, each component in one bucket."""
    values = ", ".join(f"units.{name}" for name in columns)
    return f"""
        select
            coalesce(components.{BUCKET}, abs(units.unit_key % {buckets})) as {BUCKET},
            coalesce(components.component, units.unit_key) as component,
            {values}
        from units
        left join components on units.unit_key = components.unit_key
    """


COUNTS = "select name, sum(number) as number from decided where kind = 'count' group by name"

PAIRS_BY_WEIGHT = """
    select bits, cast(sum(pair_count) as bigint) as pair_count
    from (
        select bits, pair_count from ties where bits is not null
        union all
        select cast(name as int) as bits, number as pair_count from decided where kind = 'pairs'
    ) as counted
    group by bits
    order by bits
"""

CLUSTERS = """
    select person_record_id, cluster_id, link_reason, match_probability
    from decided
    where kind = 'record'
    order by person_record_id
"""

EDGES = """
    select
        person_record_id_left, person_record_id_right, reason, match_probability, match_weight, comparison_levels,
        model_version, is_used, kept_apart_by
    from decided
    where kind = 'edge'
    order by person_record_id_left, person_record_id_right
"""

CONFLICTING_IDENTIFIERS = """
    select identifier_type, identifier_value, record_count, name_count, reason from decided where kind = 'conflict'
"""
