"""Which pairs are worth comparing: records that share a blocking key, each rule named by its meaning."""

import duckdb

from identity.limits import Limits


def blocking_rules() -> dict[str, str]:
    """Each rule's name with the SQL of its keys (text or a list of text; null: the record is not in any block)."""
    return {
        "same_email": "emails",
        "same_phone": "phones",
        "same_loyalty_number": "loyalty_numbers",
        "same_shop_customer_id": "shop_customer_ids",
        "same_card_fingerprint": "card_fingerprints",
        "same_email_user": "list_filter(email_users, lambda u: length(u) >= 6)",
        "same_names_in_any_order": "if(given_name is null or family_name is null, null,"
        " array_to_string(list_sort([given_name, family_name]), ' '))",
        "same_family_name_and_birth_date": "family_name || birth_date",
        "same_given_name_and_birth_date": "list_transform(given_roots, lambda r: r || birth_date)",
        "same_birth_date_and_family_initial": "birth_date || left(family_name, 1)",
        "same_birth_date_and_area": "birth_date || postcode_area",
        "same_birth_date_and_city": "birth_date || city",
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


def create_candidate_pairs(work: duckdb.DuckDBPyConnection, limits: Limits) -> dict[str, int]:
    """Create table `candidate_pairs` (join_key_l, join_key_r, match_key): each pair of units in one block, once.

    Returns the number of blocks that hold more records than the limit and were skipped, by rule.
    """
    create_blocks(work)
    work.execute(
        """
        create table block_sizes as
        select rule, block, count(*) as unit_count from blocks group by rule, block having count(*) > 1
        """
    )
    work.execute(f"create table candidate_pairs as {_PAIRS_SQL}", {"limit": limits.records_per_block})
    skipped = work.execute(
        "select rule, count(*) from block_sizes where unit_count > $limit group by rule order by rule",
        {"limit": limits.records_per_block},
    ).fetchall()
    work.execute("drop table blocks")
    return dict(skipped)


def create_blocks(work: duckdb.DuckDBPyConnection) -> None:
    """Create table `blocks` (rule, block, unit): one row per unit and blocking key."""
    work.execute("create table blocks (rule varchar, block varchar, unit integer)")
    columns = dict(work.execute("select column_name, column_type from (describe units)").fetchall())
    for name, keys in blocking_rules().items():
        is_list = columns.get(keys, "").endswith("[]") or keys.startswith("list_")
        block = f"unnest(list_distinct({keys}))" if is_list else keys
        work.execute(
            f"""
            insert into blocks
            select '{name}', block, unit
            from (select {block} as block, unit from units)
            where block is not null
            """
        )


_PAIRS_SQL = """
with usable as (
    select blocks.*
    from blocks
    inner join block_sizes using (rule, block)
    where unit_count <= $limit
)

select left_unit.unit as join_key_l, right_unit.unit as join_key_r, min(left_unit.rule) as match_key
from usable as left_unit
inner join usable as right_unit
    on left_unit.rule = right_unit.rule and left_unit.block = right_unit.block and left_unit.unit < right_unit.unit
group by left_unit.unit, right_unit.unit
"""
