"""Blocking: which pairs of records are compared at all, those that share a blocking key of some rule."""

import duckdb

from identity.limits import Limits

# Namesakes of a country or of one town: no other rule's blocks grow with the population. At 10,000,000 records these
# two made three pairs in four, and four in five of them were in blocks of more than thirty
COARSE_RULES = ("same_names_in_any_order", "same_family_name_and_city")


def blocking_rules() -> dict[str, str]:
    """Each blocking rule's name (its meaning) with the SQL of a unit's keys: text, a list of text, or null for none."""
    return {
        "same_email": "emails",
        "same_phone": "phones",
        "same_national_id": "national_ids",
        "same_loyalty_number": "loyalty_numbers",
        "same_shop_customer_id": "shop_customer_ids",
        "same_card_fingerprint": "card_fingerprints",
        "same_other_identifier": "other_identifiers",
        "same_email_user": "list_filter(list_transform(emails, lambda e: replace(split_part(e, '@', 1), '.', '')),"
        " lambda u: length(u) >= 6)",
        "same_names_in_any_order": "if(given_name is null or family_name is null, null,"
        " array_to_string(list_sort([given_name, family_name]), ' '))",
        "same_family_name_and_date_of_birth": "family_name || date_of_birth",
        "same_given_name_and_date_of_birth": "list_transform(given_roots, lambda r: r || date_of_birth)",
        "same_date_of_birth_and_family_initial": "date_of_birth || left(family_name, 1)",
        "same_date_of_birth_and_area": "date_of_birth || postcode_area",
        "same_date_of_birth_and_city": "date_of_birth || city",
        "same_name_and_birth_year": "list_transform(given_roots, lambda r: r || left(family_name, 3) || birth_year)",
        "same_family_name_and_postcode": "family_name || postcode",
        "same_given_name_and_postcode": "list_transform(given_roots, lambda r: r || postcode)",
        "same_family_name_and_city": "family_name || city",
        "same_postcode": "postcode",
        "same_street_and_initial": "list_transform(list_distinct([left(given_name, 1), left(family_name, 1)]), "
        "lambda i: i || street)",
        "same_family_sound_and_initial_and_area": "left(given_name, 1) || left(family_name, 1)"
        " || regexp_replace(substr(family_name, 2), '[aeiouyhw ]', '', 'g') || coalesce(postcode_area, city)",
    }


def create_blocks(work: duckdb.DuckDBPyConnection) -> None:
    """Create table `blocks` (rule, block, unit): one row per unit and blocking key; block hashes rule and key."""
    # as text the names of the rules would be four fifths of the table
    names = ", ".join(f"'{name}'" for name in blocking_rules())
    work.execute(f"create or replace table blocks (rule enum({names}), block ubigint, unit integer)")
    columns = dict(work.execute("select column_name, column_type from (describe units)").fetchall())
    for name, keys in blocking_rules().items():
        is_list = columns.get(keys, "").endswith("[]") or keys.startswith("list_")
        key = f"unnest(list_distinct({keys}))" if is_list else keys
        work.execute(
            f"""
            insert into blocks
            select '{name}', hash('{name}', key), unit
            from (select {key} as key, unit from units)
            where key is not null
            """
        )


def find_oversized_blocks(work: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Create table `oversized_blocks` (rule, block): the blocks that hold more units than the limit.

    Comparing all pairs of such a block costs more than it finds, and an identifier that so many hold identifies none of
    them.

    Args:
        work: The workspace; needs `blocks`.
        limits: The limits of the resolution, here `records_per_block` and `records_per_coarse_block`.
    """
    work.execute(
        f"""
        create table oversized_blocks as
        select rule, block from blocks group by rule, block having count(*) > {most_units_sql(limits)}
        """
    )


def most_units_sql(limits: Limits, *, by_number: bool = False) -> str:
    """SQL of the most units that a block may hold, from its rule.

    Args:
        limits: The limits of the resolution.
        by_number: Whether `rule` is the number of the rule, from 0, instead of its name.

    Returns:
        An expression on the column `rule`.
    """
    numbers = {name: str(number) for number, name in enumerate(blocking_rules())}
    coarse = ", ".join(numbers[name] if by_number else f"'{name}'" for name in COARSE_RULES)
    most = min(limits.records_per_coarse_block, limits.records_per_block)
    return f"case when rule in ({coarse}) then {most} else {limits.records_per_block} end"


def create_candidate_pairs(work: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Create table `candidate_pairs` (join_key_l, join_key_r, match_key): each pair of units in one block, once.

    Pairs of an override are compared in any case.

    Args:
        work: The workspace; needs `blocks`, `oversized_blocks` and `override_pairs`.

    Returns:
        The number of oversized blocks, which are skipped, by rule.
    """
    work.execute(f"create table candidate_pairs as {_PAIRS_SQL}")
    skipped = work.execute("select cast(rule as varchar), count(*) from oversized_blocks group by rule").fetchall()
    return dict(skipped)


# A list of units per block, unnested twice: half the time of joining the blocks with themselves. Splink needs match_key
_PAIRS_SQL = """
with usable as (
    select list(unit) as units
    from blocks
    anti join oversized_blocks using (block)
    group by block
    having count(*) > 1
),

unnested as (select unnest(units) as one, units from usable),

pairs as (
    select one as join_key_l, other as join_key_r
    from (select one, unnest(units) as other from unnested)
    where one < other
    union all
    select left_unit, right_unit from override_pairs
)

select distinct join_key_l, join_key_r, '' as match_key from pairs
"""
