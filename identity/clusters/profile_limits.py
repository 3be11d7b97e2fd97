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
    """How many values of a kind one profile may hold, by the name of the limit."""
    return {
        "too_many_loyalty_numbers": limits.loyalty_numbers_per_profile,
        "too_many_shop_customer_ids": limits.shop_customer_ids_per_profile,
        "too_many_emails": limits.emails_per_profile,
        "too_many_phones": limits.phones_per_profile,
        "too_many_birth_dates": limits.birth_dates_per_profile,
        "too_many_records": limits.records_per_profile,
    }


def create_suspects(work: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Create table `suspects` (cluster): those of `unit_clusters` that may break a limit.

    Birth dates are counted without tolerance for typing errors here: a suspect is looked at more closely. Few clusters
    hold so many values that the distinct ones need counting.
    """
    allowed = limits_by_name(limits)
    many = " or ".join(f"{_value_count(column)} > {allowed[name]}" for name, column in _COUNTED.items())
    breaks = " or ".join(
        f"len(list_distinct(flatten(list({_values(column)})))) > {allowed[name]}" for name, column in _COUNTED.items()
    )
    work.execute(
        f"""
        create or replace table suspects as
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
    """A function that names the first limit which a group of units breaks, or None.

    It knows the units of the clusters in table `clusters` (cluster).
    """
    columns = ", ".join(f"{_values(column)} as {column}" for column in _COUNTED.values())
    rows = work.execute(
        f"""
        with asked as (select unit from unit_clusters where cluster in (select cluster from {clusters})),

        sizes as (select unit, count(*) as record_count from unit_members semi join asked using (unit) group by unit)

        select units.unit, record_count, coalesce(national_ids, []), {columns}
        from units
        inner join sizes using (unit)
        """
    ).fetchall()
    held: dict[int, tuple[Any, ...]] = {row[0]: row[1:] for row in rows}
    allowed = limits_by_name(limits)

    def broken_limit(units: Iterable[int]) -> str | None:
        group = [held[unit] for unit in units]
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


def _values(column: str) -> str:
    if column == "dates_of_birth":
        return "list_filter([date_of_birth], lambda x: x is not null)"
    return f"coalesce({column}, [])"


def _value_count(column: str) -> str:
    # without a list made for each unit: all units are counted
    return "count(date_of_birth)" if column == "dates_of_birth" else f"sum(coalesce(len({column}), 0))"


def _date_of_birth_count(dates: set[str], numbered: Iterable[tuple[str, list[str]]]) -> int:
    """How many birth dates (YYYYMMDD) these are when those that one slip makes of each other count once.

    `numbered` pairs a national id with the dates of a record that bears it: such a number is one person's, so that
    dates under one number are errors, however far apart (a number may itself be mistyped).
    """
    ordered = sorted(dates)
    position = {born: place for place, born in enumerate(ordered)}
    pairs = [
        (left, right)
        for left in range(len(ordered))
        for right in range(left + 1, len(ordered))
        if _is_slip(ordered[left], ordered[right])
    ]
    born_under = [(number, position[each]) for number, born in sorted(numbered) for each in born]
    pairs += [
        (left, right)
        for one, left in born_under
        for other, right in born_under
        if left < right and _other_digits(one, other) <= 2
    ]
    labels = connected_components(len(ordered), [left for left, _ in pairs], [right for _, right in pairs])
    return len(set(labels.tolist()))


def _is_slip(left: str, right: str) -> bool:
    year, month, day = (left[:4] == right[:4], left[4:6] == right[4:6], left[6:] == right[6:])
    is_swapped = left[4:6] == right[6:] and left[6:] == right[4:6]
    # the first of January often stands for "only the year is known"
    is_year_alone = "0101" in (left[4:], right[4:])
    return year + month + day >= 2 or _other_digits(left, right) <= 2 or (year and (is_swapped or is_year_alone))


def _other_digits(left: str, right: str) -> int:
    """In how many places two numbers differ; two neighbours that are swapped are two places."""
    if len(left) != len(right):
        return max(len(left), len(right))
    return sum(one != other for one, other in zip(left, right, strict=True))
