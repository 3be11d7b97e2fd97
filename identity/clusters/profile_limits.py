"""What one person can have: limits that no profile may break, whatever the evidence says."""

from collections.abc import Callable, Iterable
from typing import Any

import duckdb

from identity.graph import connected_components
from identity.limits import Limits

# Each limit's name (also why clusters were kept apart) with the column of `units` that it counts
_COUNTED = {
    "too_many_loyalty_numbers": "loyalty_numbers",
    "too_many_shop_customer_ids": "shop_customer_ids",
    "too_many_emails": "emails",
    "too_many_phones": "phones",
    "too_many_birth_dates": "dates_of_birth",
}


def limits_by_name(limits: Limits) -> dict[str, int]:
    """The greatest number of values that one profile may hold, by the name of the limit."""
    return {
        "too_many_loyalty_numbers": limits.loyalty_numbers_per_profile,
        "too_many_shop_customer_ids": limits.shop_customer_ids_per_profile,
        "too_many_emails": limits.emails_per_profile,
        "too_many_phones": limits.phones_per_profile,
        "too_many_birth_dates": limits.birth_dates_per_profile,
        "too_many_records": limits.records_per_profile,
    }


def create_limit_candidates(work: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Create table `limit_candidates`: one row per cluster (cluster) of `unit_clusters` that may break a limit.

    Dates of birth are counted without tolerance for typos here; limit_check decides. Few clusters hold so many values
    that the distinct ones need counting.
    """
    allowed = limits_by_name(limits)
    many = " or ".join(f"{_value_count(column)} > {allowed[name]}" for name, column in _COUNTED.items())
    breaks = " or ".join(
        f"len(list_distinct(flatten(list({_values(column)})))) > {allowed[name]}" for name, column in _COUNTED.items()
    )
    work.execute(
        f"""
        create or replace table limit_candidates as
        with sizes as (
            select cluster, count(*) as record_count
            from unit_clusters
            inner join unit_members using (unit)
            group by cluster
        ),

        full_clusters as (
            select cluster from unit_clusters inner join units using (unit) group by cluster having {many}
        )

        select cluster
        from unit_clusters
        semi join full_clusters using (cluster)
        inner join units using (unit)
        group by cluster
        having {breaks}
        union
        select cluster from sizes where record_count > {allowed["too_many_records"]}
        """
    )


def limit_check(
    work: duckdb.DuckDBPyConnection, limits: Limits, clusters: str
) -> Callable[[Iterable[int]], str | None]:
    """A function that checks whether a group of units breaks a limit.

    Args:
        work: the workspace, with `unit_clusters`, `unit_members` and `units`.
        limits: the limits of one profile.
        clusters: the table (cluster) whose clusters contain all units that will be checked.

    Returns:
        A function from units to the name of the first limit that they break together, None when they break none.
    """
    values_of = _values_by_unit(work, clusters)
    allowed = limits_by_name(limits)

    def broken_limit(units: Iterable[int]) -> str | None:
        group = [values_of[unit] for unit in units]
        for position, name in enumerate(_COUNTED, start=2):
            values = {value for row in group for value in row[position]}
            if len(values) <= allowed[name]:
                continue
            count = len(values)
            if name == "too_many_birth_dates":
                count = _date_of_birth_count(values, ((number, row[position]) for row in group for number in row[1]))
            if count > allowed[name]:
                return name
        return "too_many_records" if sum(row[0] for row in group) > allowed["too_many_records"] else None

    return broken_limit


def _values_by_unit(work: duckdb.DuckDBPyConnection, clusters: str) -> dict[int, tuple[Any, ...]]:
    """Per unit of the clusters: its record count, its national ids, and the values of each limit in their order."""
    columns = ", ".join(f"{_values(column)} as {column}" for column in _COUNTED.values())
    rows = work.execute(
        f"""
        with clustered as (select unit from unit_clusters where cluster in (select cluster from {clusters})),

        sizes as (
            select unit, count(*) as record_count from unit_members semi join clustered using (unit) group by unit
        )

        select units.unit, record_count, coalesce(national_ids, []), {columns}
        from units
        inner join sizes using (unit)
        """
    ).fetchall()
    return {row[0]: row[1:] for row in rows}


def _values(column: str) -> str:
    if column == "dates_of_birth":
        return "list_filter([date_of_birth], lambda x: x is not null)"
    return f"coalesce({column}, [])"


def _value_count(column: str) -> str:
    # without a list made for each unit: all units are counted
    return "count(date_of_birth)" if column == "dates_of_birth" else f"sum(coalesce(len({column}), 0))"


def _date_of_birth_count(dates: set[str], numbered: Iterable[tuple[str, list[str]]]) -> int:
    """The number of dates of birth when dates that differ by one typo count once.

    Args:
        dates: distinct dates (YYYYMMDD).
        numbered: pairs of a national id and the dates of a record with that id. An id belongs to one person, so
            different dates under one id are errors, however far apart. The id itself may have a typo.

    Returns:
        The count, 1 or more.
    """
    ordered = sorted(dates)
    position = {date: place for place, date in enumerate(ordered)}
    pairs = [
        (left, right)
        for left in range(len(ordered))
        for right in range(left + 1, len(ordered))
        if _is_typo(ordered[left], ordered[right])
    ]
    date_under_id = [(number, position[date]) for number, found in sorted(numbered) for date in found]
    pairs += [
        (left, right)
        for one, left in date_under_id
        for other, right in date_under_id
        if left < right and _differing_digits(one, other) <= 2
    ]
    labels = connected_components(len(ordered), [left for left, _ in pairs], [right for _, right in pairs])
    return len(set(labels.tolist()))


def _is_typo(left: str, right: str) -> bool:
    year, month, day = (left[:4] == right[:4], left[4:6] == right[4:6], left[6:] == right[6:])
    is_swapped = left[4:6] == right[6:] and left[6:] == right[4:6]
    # the first of January often stands for "only the year is known"
    is_year_alone = "0101" in (left[4:], right[4:])
    return year + month + day >= 2 or _differing_digits(left, right) <= 2 or (year and (is_swapped or is_year_alone))


def _differing_digits(left: str, right: str) -> int:
    """The number of places in which two numbers differ; two swapped neighbours are two places."""
    if len(left) != len(right):
        return max(len(left), len(right))
    return sum(one != other for one, other in zip(left, right, strict=True))
