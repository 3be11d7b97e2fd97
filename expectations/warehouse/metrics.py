"""What the metrics of stock expectations are in SQL: conditions that good rows meet, groups, and aggregates."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from expectations.warehouse.engine import Domain
from expectations.warehouse.sql_text import bounds, literal, literals, quoted

Arguments = Mapping[str, Any]
Rule = Callable[[Domain, Arguments], str]
"""Makes SQL of what a metric is about and of the expectation's arguments."""

Aggregate = Callable[[Domain, Arguments, str], str]
"""Makes SQL of the same and of the filter that each of its aggregates has: empty where all rows count."""


def _column(domain: Domain) -> str:
    return quoted(domain["column"])


def _pair(domain: Domain) -> tuple[str, str]:
    return quoted(domain["column_A"]), quoted(domain["column_B"])


def columns_of(domain: Domain) -> list[str]:
    """Return the columns that a rule is about, quoted."""
    if domain.get("column_list"):
        return [quoted(each) for each in domain["column_list"]]
    return list(_pair(domain)) if domain.get("column_A") else [_column(domain)]


def _in_set(domain: Domain, arguments: Arguments) -> str:
    # Without a set Great Expectations asks nothing.
    values = arguments.get("value_set")
    return "null::boolean" if values is None else f"{_column(domain)} in {literals(values)}"


def _equal(domain: Domain, _arguments: Arguments) -> str:
    left, right = _pair(domain)
    return f"coalesce({left} = {right}, false)"


def _greater(domain: Domain, arguments: Arguments) -> str:
    left, right = _pair(domain)
    return f"coalesce({left} {'>=' if arguments.get('or_equal') else '>'} {right}, false)"


ROW_RULES: Final[Mapping[str, Rule]] = {
    "column_values.nonnull": lambda domain, _: f"{_column(domain)} is not null",
    "column_values.null": lambda domain, _: f"{_column(domain)} is null",
    "column_values.in_set": _in_set,
    "column_values.not_in_set": lambda domain, asked: f"{_column(domain)} not in {literals(asked['value_set'])}",
    "column_values.between": lambda domain, asked: bounds(_column(domain), asked),
    "column_values.match_regex": lambda domain, asked: f"regexp_matches({_column(domain)}, {literal(asked['regex'])})",
    "column_values.not_match_regex": lambda domain, asked: (
        f"not regexp_matches({_column(domain)}, {literal(asked['regex'])})"
    ),
    "column_values.value_length.between": lambda domain, asked: bounds(f"length({_column(domain)})", asked),
    "column_values.value_length.equals": lambda domain, asked: f"length({_column(domain)}) = {literal(asked['value'])}",
    "column_pair_values.equal": _equal,
    "column_pair_values.a_greater_than_b": _greater,
}
"""What a good row meets. A row for which it is null is not evaluated."""

UNIQUE_RULES: Final = ("column_values.unique", "compound_columns.unique")
"""A good row is alone with the values of these columns."""

AGGREGATES: Final[Mapping[str, Aggregate]] = {
    "table.row_count": lambda _, __, kept: f"count(*){kept}",
    "column.mean": lambda domain, _, kept: f"avg({_column(domain)}){kept}",
    "column.sum": lambda domain, _, kept: f"sum({_column(domain)}){kept}",
    "column.median": lambda domain, _, kept: f"median({_column(domain)}){kept}",
    "column.standard_deviation": lambda domain, _, kept: f"stddev_samp({_column(domain)}){kept}",
    "column.min": lambda domain, _, kept: f"min({_column(domain)}){kept}",
    "column.max": lambda domain, _, kept: f"max({_column(domain)}){kept}",
    "column.distinct_values.count": lambda domain, _, kept: f"count(distinct {_column(domain)}){kept}",
    "column.unique_proportion": lambda domain, _, kept: (
        f"count(distinct {_column(domain)}){kept} / nullif(count({_column(domain)}){kept}, 0)"
    ),
    "column.non_null_proportion": lambda domain, _, kept: f"count({_column(domain)}){kept} / nullif(count(*){kept}, 0)",
    "column.quantile_values": lambda domain, asked, kept: (
        f"quantile_disc({_column(domain)}, [{', '.join(map(literal, asked['quantiles']))}]){kept}"
    ),
}
"""Numbers about the rows of a batch that count."""

SHOWING_A_VALUE: Final = ("column.min", "column.max", "column.median", "column.quantile_values")
"""Aggregates whose number is the value of a row."""


def evaluated(domain: Domain) -> str:
    """Return the condition of rows that a rule about several columns evaluates, by its ``ignore_row_if``."""
    ignored = domain.get("ignore_row_if")
    missing = [f"{each} is null" for each in columns_of(domain)] if ignored else []
    if ignored in ("any_value_is_missing", "either_value_is_missing"):
        return f"not ({' or '.join(missing)})"
    if ignored in ("all_values_are_missing", "both_values_are_missing"):
        return f"not ({' and '.join(missing)})"
    return "true"


def repeated_groups(domain: Domain, rows: str) -> str:
    """Return the query of groups of more than one row: the columns of a rule, and ``n``."""
    columns = columns_of(domain)
    filled = f" and {columns[0]} is not null" if len(columns) == 1 else ""
    return (
        f"select {', '.join(columns)}, count(*) as n from batch where {rows}{filled} "
        f"group by {', '.join(columns)} having count(*) > 1"
    )
