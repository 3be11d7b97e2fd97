"""Placeholder dates: dates of birth that a form fills in (1970-01-01 on a fifth of the records)."""

import duckdb

# A date with so many names, and so many times as many as the tenth most frequent date has, is a placeholder. Forms know
# few of them, so that the tenth is a date on which people were born (often a first of January: the year alone).
_MIN_NAMES, _MIN_RATIO, _ORDINARY_RANK = 20, 5, 10


def create_placeholder_dates(work: duckdb.DuckDBPyConnection, known: tuple[str, ...] | None = None) -> None:
    """Create table `placeholder_dates` (date_of_birth): those that a model knows, or else those of these records.

    Counts different names, not records: one customer with a hundred receipts was born on one day.

    Args:
        work: The workspace; needs `records` and `name_forms`.
        known: The dates (YYYYMMDD) of a trained model; None to find them.
    """
    work.execute("create or replace table placeholder_dates (date_of_birth varchar)")
    if known is not None:
        work.execute("insert into placeholder_dates select unnest(cast($known as varchar[]))", {"known": list(known)})
        return
    work.execute(f"insert into placeholder_dates {_PLACEHOLDERS_SQL}")


def placeholder_dates(work: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """The dates of table `placeholder_dates` (YYYYMMDD), in rising order."""
    return tuple(date for (date,) in work.execute("from placeholder_dates order by date_of_birth").fetchall())


_PLACEHOLDERS_SQL = f"""
    with frequent as (
        select date_of_birth
        from records
        where date_of_birth is not null
        group by date_of_birth
        order by count(*) desc, date_of_birth
        limit {4 * _ORDINARY_RANK}
    ),

    counted as (
        select date_of_birth, count(distinct hash(name_forms.given_name, name_forms.family_name)) as name_count
        from records
        semi join frequent using (date_of_birth)
        inner join name_forms using (record)
        group by date_of_birth
    ),

    ordinary as (select list(name_count order by name_count desc)[{_ORDINARY_RANK}] as name_count from counted)

    select date_of_birth
    from counted
    where name_count > {_MIN_NAMES}
        and name_count > {_MIN_RATIO} * coalesce((select name_count from ordinary), 0)
"""
