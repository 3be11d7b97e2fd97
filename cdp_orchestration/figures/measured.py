"""Measure a delivery against accepted rows: what is filled, known and common, how numbers lie, what changed.

Every figure comes with what is usual by the accepted rows themselves, so that a second delivery is compared already.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from cdp_orchestration.figures.figure import Figure, angle
from cdp_orchestration.figures.measured_changes import changes, misplaced_values
from cdp_orchestration.figures.measured_numbers import numbers
from cdp_orchestration.figures.measured_rows import behind, ended, repetitions, returned
from cdp_orchestration.figures.measured_texts import namesakes, texts
from cdp_orchestration.figures.samples import ACCEPTED, DELIVERED, EARLIER, Samples
from cdp_orchestration.figures.watched import Watched

MAX_MIXED_VALUES = 60
"""Of a value with more different ones the mix is not compared."""
MAX_ROWS_OF_AN_ID, MAX_ROWS_OF_A_PERSON = 0.02, 0.2
"""Up to which share of the rows with one id, or of one person, a delivery with many rows of one is unusual."""
MIN_KNOWN_IDS = 0.98
"""From which share of ids that came before a delivery with unknown ones is unusual: they name things of a list."""


def measured(connection: duckdb.DuckDBPyConnection, samples: Samples) -> list[Figure]:
    """Return the figures of the delivered rows; those that compare only where rows have been accepted before."""
    found = list(_shares(connection, samples))
    if samples.has_accepted:
        found += numbers(connection, samples)
        found += changes(connection, samples)
        found += misplaced_values(connection, samples)
        found += texts(connection, samples)
        found += namesakes(connection, samples)
        found += repetitions(connection)
        found += ended(connection, samples)
        found += returned(samples)
        found += behind(connection)
    return found


# One row a watched value: how its values are distributed over delivered and accepted rows. Whether a value is known
# can only be asked of rows whose key is new: the others have been there before.
_SHARES = """
with counted as (
    select label, value, sum(is_delivered)::bigint as delivered, sum(is_new)::bigint as new,
        sum(1 - is_delivered)::bigint as accepted
    from ({rows}) unpivot include nulls (value for label in ({columns}))
    group by label, value
)

select
    label,
    sum(delivered) as delivered,
    sum(accepted) as accepted,
    sum(new) as new,
    sum(delivered) filter (where value is not null) as delivered_filled,
    sum(accepted) filter (where value is not null) as accepted_filled,
    sum(new) filter (where value is not null) as new_filled,
    sum(new) filter (where value is not null and accepted > 0) as new_known,
    count(*) filter (where value is not null and accepted = 1) as accepted_once,
    max(new) filter (where value is not null) as new_commonest,
    max(delivered) filter (where value is not null) as delivered_commonest,
    max(accepted) filter (where value is not null) as accepted_commonest,
    count(*) filter (where value is not null and accepted > 0) as different,
    sum(delivered) filter (where value[1] = '0') as delivered_zeros,
    sum(accepted) filter (where value[1] = '0') as accepted_zeros,
    list(delivered order by value) filter (where value is not null) as delivered_counts,
    list(accepted order by value) filter (where value is not null) as accepted_counts
from counted
group by label
"""


def _shares(connection: duckdb.DuckDBPyConnection, samples: Samples) -> Iterator[Figure]:
    counted = [(index, value) for index, value in enumerate(samples.values) if value.kind != "ending"]
    columns = ", ".join(f"v{index}" for index, _ in counted)
    # Of numbers and times only the presence counts here.
    values = ", ".join(
        f"v{index}" if value.kind == "text" else f"case when v{index} is not null then '' end as v{index}"
        for index, value in counted
    )
    is_new = f"(row_key not in (select row_key from {EARLIER}))::int"
    rows = (
        f"select 1 as is_delivered, {is_new} as is_new, {values} from {DELIVERED} where {samples.lives()} "
        f"union all select 0, 0, {values} from {ACCEPTED} where {samples.lives()}"
    )
    query = _SHARES.format(rows=rows, columns=columns)
    for label, *counts in connection.execute(query).fetchall():
        value = samples.values[int(label[1:])]
        numbers_found: list[Any] = [count or 0 for count in counts[:-2]]
        yield from _shares_of(value, _Counts(*numbers_found, *counts[-2:]))


@dataclass(frozen=True)
class _Counts:
    delivered: int
    accepted: int
    new: int
    delivered_filled: int
    accepted_filled: int
    new_filled: int
    new_known: int
    accepted_once: int
    new_commonest: int
    delivered_commonest: int
    accepted_commonest: int
    different: int
    delivered_zeros: int
    accepted_zeros: int
    delivered_counts: list[int] | None
    accepted_counts: list[int] | None


def _shares_of(value: Watched, found: _Counts) -> Iterator[Figure]:
    has_usual = found.accepted > 0
    if not value.is_part and found.delivered:
        usual = found.accepted_filled / found.accepted if has_usual else None
        share = found.delivered_filled / found.delivered
        is_decisive = value.is_decisive or value.is_consent
        yield Figure("filled", value.label, share, found.delivered, usual, found.accepted, 0, is_decisive)
    if value.kind != "text" or not found.accepted_filled or not found.delivered_filled:
        return
    if value.is_postcode and not value.is_part:
        share, usual = found.delivered_zeros / found.delivered_filled, found.accepted_zeros / found.accepted_filled
        yield Figure("zeros", value.label, share, found.delivered_filled, usual, found.accepted_filled, 0, True)
    if found.new_filled:
        yield from _shares_of_new_rows(value, found)
    yield from _shared(value, found)
    if found.different <= MAX_MIXED_VALUES and found.delivered_counts and found.accepted_counts:
        yield _mix(value, found)


def _shares_of_new_rows(value: Watched, found: _Counts) -> Iterator[Figure]:
    rows, usual_rows = found.new_filled, found.accepted_filled
    # Good and Turing: the chance that the next value is a new one is the share of those seen once.
    usual, share = 1 - found.accepted_once / usual_rows, found.new_known / rows
    if not value.names_rows or usual >= MIN_KNOWN_IDS:
        is_decisive = value.is_decisive and not value.names_rows
        yield Figure("known", value.label, share, rows, usual, usual_rows, 0, is_decisive)
    if not value.is_of_one and (not value.names_rows or found.accepted_commonest / usual_rows <= MAX_ROWS_OF_AN_ID):
        usual, share = found.accepted_commonest / usual_rows, found.new_commonest / rows
        is_decisive = value.is_decisive and not value.is_part and not value.names_rows
        yield Figure("commonest", value.label, share, rows, usual, usual_rows, 0, is_decisive)


def _shared(value: Watched, found: _Counts) -> Iterator[Figure]:
    """Yield the share of the commonest contact, birthday or person: of all rows, since identity sees all of them."""
    usual = found.accepted_commonest / found.accepted_filled
    if value.is_of_one and not value.is_part and usual <= MAX_ROWS_OF_A_PERSON:
        rows, share = found.delivered_filled, found.delivered_commonest / found.delivered_filled
        yield Figure("shared", value.label, share, rows, usual, found.accepted_filled, 0, value.is_decisive)


def _mix(value: Watched, found: _Counts) -> Figure:
    name = "permissions" if value.is_consent else "mix"
    found_angle, spread = angle(found.delivered_counts or (), found.accepted_counts or ())
    is_decisive = (value.is_decisive and not value.names_rows) or value.is_consent
    return Figure(
        name, value.label, found_angle, found.delivered_filled, 0.0, found.accepted_filled, spread, is_decisive
    )
