"""Revenue: one total with its reconciliation, and its parts by month of the order."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

from cdp_orchestration.customer_report.reading import read

YEAR_DAYS = 365
MONTHS_SHOWN = 13
TOTAL, OF_PROFILES, ATTRIBUTED = "revenue", "revenue_of_profiles", "attributed"
NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Line:
    """One line of the reconciliation: a total, or a part that leads from one total to the next."""

    line: str
    is_total: bool
    belongs_to: str | None  # of a part, the total that it is added into; of a total, the one that it starts from
    amount: Decimal
    row_count: int
    currency: str


@dataclass(frozen=True)
class Month:
    """The orders of one month, less what was ever paid back for them."""

    month: date
    order_count: int
    amount: Decimal
    is_partial: bool


@dataclass(frozen=True)
class Years:
    """The revenue of the orders of the last 365 days, and of the 365 days before."""

    newest: Decimal
    former: Decimal


@dataclass(frozen=True)
class Revenue:
    """The revenue, in the reporting currency: what all orders come to, less what was ever paid back for them."""

    lines: tuple[Line, ...]
    months: tuple[Month, ...]  # the oldest first, those without an order included
    years: Years
    buyer_count: int

    def amount_of(self, line: str) -> Decimal:
        """Return the amount of a line of the reconciliation, 0 without the line."""
        return next((found.amount for found in self.lines if found.line == line), NOTHING)

    @property
    def total(self) -> Decimal:
        """The one total of revenue."""
        return self.amount_of(TOTAL)

    @property
    def currency(self) -> str | None:
        """The reporting currency; None without a line."""
        return self.lines[0].currency if self.lines else None

    @property
    def without_rate_count(self) -> int:
        """Amounts that are missing, because there is no exchange rate for them."""
        return next((found.row_count for found in self.lines if found.line == "amounts_without_rate"), 0)

    @property
    def shown_months(self) -> tuple[Month, ...]:
        """The newest months, the oldest first."""
        return self.months[-MONTHS_SHOWN:]

    @property
    def earlier_amount(self) -> Decimal:
        """The revenue of all months before those that are shown."""
        return sum((month.amount for month in self.months[:-MONTHS_SHOWN]), NOTHING)

    @property
    def earlier_order_count(self) -> int:
        """The orders of all months before those that are shown."""
        return sum(month.order_count for month in self.months[:-MONTHS_SHOWN])

    @property
    def order_count(self) -> int:
        """The orders of all months."""
        return sum(month.order_count for month in self.months)

    @property
    def of_no_month(self) -> Decimal:
        """Revenue of orders a part of which has no exchange rate, so that they are in no month."""
        return self.total - sum((month.amount for month in self.months), NOTHING)


def read_revenue(connection: duckdb.DuckDBPyConnection, as_of_on: date | None) -> Revenue:
    """Read the reconciliation and the revenue by month; a month that ``as_of_on`` is in is partial."""
    ((buyer_count,),) = connection.execute("select count(*) from profile_metrics where order_count > 0").fetchall()
    (years,) = read(connection, Years, _YEARS)
    return Revenue(
        lines=read(connection, Line, _LINES),
        months=read(connection, Month, _MONTHS, as_of_on),
        years=years,
        buyer_count=int(buyer_count),
    )


_LINES = """
    select line, is_total, belongs_to, amount, row_count, currency
    from revenue_reconciliation
    order by line_no
"""

# How long ago an order was would be an interval, and to compare intervals costs a hundred times as much as times
_YEARS = f"""
    with years as (
        select
            as_of_at - interval {YEAR_DAYS} day as newest,
            as_of_at - interval {2 * YEAR_DAYS} day as former
        from as_of
    )
    select
        coalesce(sum(net_reporting_amount) filter (ordered_at > (select newest from years)), 0)::decimal(18, 2),
        coalesce(sum(net_reporting_amount) filter (
            ordered_at <= (select newest from years) and ordered_at > (select former from years)
        ), 0)::decimal(18, 2)
    from orders
"""

_MONTHS = """
    with dated as (
        select date_trunc('month', ordered_on)::date as month, is_order, net_reporting_amount from orders
    ),
    months as (
        select unnest(generate_series(min(month), max(month), interval 1 month))::date as month from dated
    )
    select
        months.month,
        count(*) filter (dated.is_order),
        coalesce(sum(dated.net_reporting_amount), 0)::decimal(18, 2),
        months.month + interval 1 month > ?::date
    from months
    left join dated on months.month = dated.month
    group by months.month
    order by months.month
"""
