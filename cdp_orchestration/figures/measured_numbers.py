"""Measure where the numbers and times of a delivery lie: middles, means, ages, hours of the day, gaps."""

from collections.abc import Iterator
from datetime import timedelta

import duckdb

from cdp_orchestration.figures.figure import Figure, angle
from cdp_orchestration.figures.gaps import days_by_chance, missing_days
from cdp_orchestration.figures.samples import ACCEPTED, DELIVERED, EARLIER, Samples
from cdp_orchestration.figures.watched import Watched

MIN_WEEKDAYS = timedelta(days=14)
"""How long a delivery must reach before its weekdays are compared."""
MIN_ROWS_OF_A_GAP = 50
"""How many rows a delivery must have before a gap between them says something."""


def numbers(connection: duckdb.DuckDBPyConnection, samples: Samples) -> Iterator[Figure]:
    """Yield the figures of every watched number, score and time."""
    for index, value in enumerate(samples.values):
        if value.kind == "number":
            yield from _number(connection, value, f"abs(try_cast(v{index} as double))", "middle")
            yield from _extreme(connection, value, f"nullif(abs(try_cast(v{index} as double)), 0)")
        elif value.kind == "score":
            yield from _number(connection, value, f"try_cast(v{index} as double)", "score")
        elif value.kind == "time":
            days = f"date_diff('second', try_cast(v{index} as timestamp), row_cursor::timestamp) / 86400.0"
            yield from _number(connection, value, days, "age")
            yield from _outlying(connection, value, days)
            moment = f"try_cast(v{index} as timestamp)"
            yield from _rhythm(connection, value, moment, "hour")
            yield from _rhythm(connection, value, moment, "dayofweek")
            yield from _gap(connection, value, moment)


def _number(connection: duckdb.DuckDBPyConnection, value: Watched, sql: str, name: str) -> Iterator[Figure]:
    """Yield the middle of a number, its logarithm's spread beside it, or the mean and spread of a score."""
    is_filled = f"{sql} > 0" if name == "middle" else f"{sql} is not null"
    scaled = f"ln({sql})" if name == "middle" else sql
    average = "avg" if name == "score" else "median"
    spread = f"mad({scaled}) * 1.4826" if name == "age" else f"stddev_pop({scaled})"
    query = f"select count(*), {average}({sql}), {spread} from {{}} where {is_filled}"
    is_new = f"and row_key not in (select row_key from {EARLIER})"
    rows, found, new_spread = connection.execute(f"{query.format(DELIVERED)} {is_new}").fetchall()[0]
    if not rows:
        return
    if name == "age":  # of a first delivery, all that a source has, the rows are older than of later ones
        yield Figure(name, value.label, found, rows, None, 0, new_spread or 0.0, value.is_decisive)
        return
    usual_rows, usual, usual_spread = connection.execute(query.format(ACCEPTED)).fetchall()[0]
    if usual_rows:
        yield Figure(name, value.label, found, rows, usual, usual_rows, usual_spread or 0.0, value.is_decisive)


def _outlying(connection: duckdb.DuckDBPyConnection, value: Watched, days: str) -> Iterator[Figure]:
    rows, outlying, usual_rows = connection.execute(
        f"""
        with ages as (
            select count(*) as n, quantile_cont({days}, 0.01) as low, quantile_cont({days}, 0.99) as high
            from {ACCEPTED} where {days} is not null
        )

        select count(*), count(*) filter (where {days} not between ages.low - 0.5 and ages.high + 0.5),
            any_value(ages.n)
        from {DELIVERED}, ages
        where {days} is not null and row_key not in (select row_key from {EARLIER})
        """
    ).fetchall()[0]
    if rows and usual_rows:
        yield Figure("outlying", value.label, outlying / rows, rows, 0.02, usual_rows, 0, value.is_decisive)


def _extreme(connection: duckdb.DuckDBPyConnection, value: Watched, number: str) -> Iterator[Figure]:
    rows, extreme, usual_rows = connection.execute(
        f"""
        with accepted as (
            select count({number}) as n, quantile_cont({number}, 0.02) / 2 as low,
                quantile_cont({number}, 0.98) * 2 as high
            from {ACCEPTED}
        )

        select count(*), count(*) filter (where {number} not between accepted.low and accepted.high),
            any_value(accepted.n)
        from {DELIVERED}, accepted
        where {number} is not null and row_key not in (select row_key from {EARLIER})
        """
    ).fetchall()[0]
    if rows and usual_rows:
        yield Figure("extreme", value.label, extreme / rows, rows, 0.01, usual_rows, 0, value.is_decisive)


def _rhythm(connection: duckdb.DuckDBPyConnection, value: Watched, moment: str, part: str) -> Iterator[Figure]:
    """Yield how different the hours of the day are, or the weekdays of a delivery of at least two weeks."""
    query = f"""
        with moments as (
            select 1 as is_delivered, {moment} as moment from {DELIVERED}
            where row_key not in (select row_key from {EARLIER})
            union all
            select 0, {moment} from {ACCEPTED}
        ),
        counted as (
            select {part}(moment), sum(is_delivered) as delivered, sum(1 - is_delivered) as accepted
            from moments where moment is not null group by 1
        )

        select sum(delivered), sum(accepted), list(delivered), list(accepted),
            (select max(moment) - min(moment) from moments where is_delivered = 1)
        from counted
    """
    delivered, accepted, new_counts, old_counts, days = connection.execute(query).fetchall()[0]
    if not delivered or not accepted or (part == "dayofweek" and days < MIN_WEEKDAYS):
        return
    found, spread = angle(new_counts, old_counts)
    name = "hours" if part == "hour" else "weekdays"
    yield Figure(name, value.label, found, int(delivered), 0.0, int(accepted), spread)


def _gap(connection: duckdb.DuckDBPyConnection, value: Watched, moment: str) -> Iterator[Figure]:
    """Yield the longest gap of what happened; of a plan or of a last change a time says nothing about rows."""
    if not value.is_fixed:
        return
    query = f"select epoch({moment}) from {{}} where {moment} is not null"
    is_new = f"and row_key not in (select row_key from {EARLIER})"
    delivered = [found for (found,) in connection.execute(f"{query.format(DELIVERED)} {is_new}").fetchall()]
    if len(delivered) >= MIN_ROWS_OF_A_GAP:
        accepted = [found for (found,) in connection.execute(query.format(ACCEPTED)).fetchall()]
        usual = max(missing_days(accepted), days_by_chance(delivered))
        yield Figure("gap", value.label, max(1.0, missing_days(delivered)), len(delivered), usual, len(accepted))
