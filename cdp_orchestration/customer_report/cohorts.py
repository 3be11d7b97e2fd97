"""Cohorts: customers by the month of their first order, and how many of them ordered again."""

from dataclasses import dataclass
from datetime import date

import duckdb

from cdp_orchestration.customer_report.reading import IS_CUSTOMER, read
from cdp_orchestration.customer_report.uncertainty import SMALL_SAMPLE

MONTHS_LATER = (1, 2, 3, 6, 12)
COHORTS_SHOWN = 13


@dataclass(frozen=True)
class Cohort:
    """The customers of one month of first orders, and how many ordered again within so many months.

    A count is None until those months have passed for all of them: later they would only grow.
    """

    month: date
    customer_count: int
    again_counts: list[int | None]  # in the order of MONTHS_LATER

    @property
    def is_small_sample(self) -> bool:
        """Whether there are too few customers to rely on a share."""
        return self.customer_count < SMALL_SAMPLE

    def share(self, place: int) -> float | None:
        """Return who ordered again as a share of the whole cohort, 0 to 1; None until it is ripe."""
        count = self.again_counts[place]
        return None if count is None else count / self.customer_count


def read_cohorts(connection: duckdb.DuckDBPyConnection) -> tuple[Cohort, ...]:
    """Return the newest cohorts of which at least one count is ripe, the oldest first.

    A renewal of a subscription is no order of the customer's own accord: it begins no cohort and is no other order.

    Args:
        connection: a connection with the release's tables.

    Returns:
        One row per month with a first order.
    """
    return read(connection, Cohort, _COHORTS)


_AGAIN = ", ".join(
    f"if(month + interval {1 + months} month <= as_of_on, "
    f"count(*) filter (again_at <= first_at + interval {months} month), null)"
    for months in MONTHS_LATER
)

_COHORTS = f"""
    with placed as (
        select
            orders.profile_id,
            orders.ordered_at,
            date_trunc('month', orders.ordered_on)::date as month,
            row_number() over (partition by orders.profile_id order by orders.ordered_at, orders.order_id) as number
        from orders
        inner join profiles on orders.profile_id = profiles.profile_id
        where orders.is_order and not orders.is_renewal and {IS_CUSTOMER}
    ),
    customers as (
        select
            first_ones.month,
            first_ones.ordered_at as first_at,
            second_ones.ordered_at as again_at
        from placed as first_ones
        left join placed as second_ones
            on first_ones.profile_id = second_ones.profile_id and second_ones.number = 2
        where first_ones.number = 1
    ),
    cohorts as (
        select month, count(*) as customer_count, [{_AGAIN}] as again_counts
        from customers
        cross join as_of
        group by month, as_of_on
        having month + interval {1 + MONTHS_LATER[0]} month <= as_of_on
        order by month desc
        limit {COHORTS_SHOWN}
    )
    select * from cohorts order by month
"""
