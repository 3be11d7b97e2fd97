"""Training blocks: the columns by which records are grouped so that most pairs of a group are one person."""

import duckdb

OBVIOUS = {
    "name_and_date_of_birth": ("given_name", "family_name", "date_of_birth"),
    "given_name_and_email": ("given_name", "emails[1]"),
    "given_name_and_phone": ("given_name", "phones[1]"),
    "name_and_postcode": ("given_name", "family_name", "postcode"),
    "national_id": ("national_ids[1]",),
}

# Each still has the given name or the date of birth, so that members of a household are not taken for one person with
# many names; a comparison whose columns are in the rule is not learnt from it.
TRAINING_RULES = {
    **OBVIOUS,
    "family_name_and_date_of_birth": ("family_name", "date_of_birth"),
    "given_name_and_date_of_birth": ("given_name", "date_of_birth"),
}


def block_pairs(work: duckdb.DuckDBPyConnection, keys: tuple[str, ...], also_filled: str | None = None) -> int:
    """Count the pairs of units that agree on some columns.

    Args:
        work: The workspace; needs `units`.
        keys: The columns, or SQL on columns, that both units of a pair share.
        also_filled: A column that both units must have as well.

    Returns:
        The number of pairs.
    """
    where = all_filled(keys) + (f" and {also_filled} is not null" if also_filled else "")
    counted = work.execute(
        f"""
        select coalesce(sum(n * (n - 1) // 2), 0)
        from (select count(*) as n from units where {where} group by {", ".join(keys)})
        """
    ).fetchall()
    return int(counted[0][0])


def all_filled(keys: tuple[str, ...]) -> str:
    """SQL that is true when none of the columns is null."""
    return "(" + " and ".join(f"{key} is not null" for key in keys) + ")"


def rule(keys: tuple[str, ...]) -> str:
    """The columns as a blocking rule of Splink."""
    return " and ".join(f"l.{key} = r.{key}" for key in keys)
