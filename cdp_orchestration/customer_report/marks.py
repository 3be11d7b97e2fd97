"""Mark figures on the page: each is an element that names the figure, what it is of, and its exact value.

A reader, or a test, can compare every number that is shown with the tables it was counted from.
"""

import json
from datetime import date
from decimal import Decimal

from markupsafe import Markup

from cdp_orchestration.customer_report import words

Value = int | float | Decimal | date | str | None


def attributes(name: str, value: Value, *of: str) -> Markup:
    """Return the attributes of an element that shows a figure, with a blank before them.

    Args:
        name: what is counted, such as ``campaign.sent``.
        value: the exact value; None where there is none.
        *of: what it is counted of, such as the name of the campaign.

    Returns:
        ``data-figure``, ``data-value``, and ``data-of`` where it is counted of anything.
    """
    dimensions = Markup(' data-of="{}"').format(json.dumps(of, ensure_ascii=False)) if of else ""
    return Markup(' data-figure="{}"{} data-value="{}"').format(name, dimensions, "" if value is None else str(value))


def figure(name: str, value: Value, text: str, *of: str) -> Markup:
    """Return a figure as an element with its text."""
    return Markup("<span{}>{}</span>").format(attributes(name, value, *of), text)


def number(name: str, value: int, *of: str) -> Markup:
    """Return a count with separators of thousands."""
    return figure(name, value, words.count(value), *of)


def share(name: str, value: float | None, *of: str) -> Markup:
    """Return a share of 0 to 1 in percent."""
    return figure(name, value, words.percent(value), *of)


def cents(name: str, amount: Decimal, *of: str) -> Markup:
    """Return an amount to the cent, without its currency."""
    return figure(name, amount, words.cents(amount), *of)


def money(name: str, amount: Decimal, currency: str | None, *of: str) -> Markup:
    """Return an amount to the cent with its currency."""
    return figure(name, amount, words.money(amount, currency), *of)


def day(name: str, when: date | None, *of: str) -> Markup:
    """Return a day as 3 May 2026."""
    return figure(name, None if when is None else date(when.year, when.month, when.day), words.day(when), *of)


def decimal(name: str, value: float, decimals: int, *of: str) -> Markup:
    """Return a number with so many decimals."""
    return figure(name, value, words.decimal(value, decimals), *of)


def measured(name: str, value: float | None, metric: str, unit: str, currency: str | None, *of: str) -> Markup:
    """Return a value of a metric with its unit."""
    return figure(name, value, words.measured(value, metric, unit, currency), *of)
