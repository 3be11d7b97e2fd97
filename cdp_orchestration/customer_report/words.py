"""Names and numbers for people: words for codes, their order, rounded figures with their unit."""

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal

NO_BREAK = "\u00a0"  # a blank at which no line is broken
_WORDS = {
    "crm": "CRM",
    "csat": "Satisfaction after service (CSAT)",
    "ces": "Ease of being helped (CES)",
    "nps": "Would recommend us (NPS)",
    "ecommerce": "Web shop",
    "in_store": "Stores",
    "journey_begins": "Journey begins",
    "ended_after_buying": "Ended after a purchase",
    "ended_without_buying": "Ended without a purchase",
    "still_going_on": "Still open",
    "effort_reported": "Reported effort",
    "effort_weight": "Expected effort",
    "known_to_several_sources_rate": "Profiles in several sources",
    "order_amount": "Mean amount of an order",
    "cancellation_rate": "Orders cancelled, of all of the web shop",
    "ces_survey": "CES answer",
    "csat_survey": "CSAT answer",
    "defect_rate_of_tickets": "Tickets about defects, of those with a topic",
    "delivery_minutes": "Time to delivery, of what was delivered",
    "delivery_rate_of_tickets": "Tickets about delivery, of those with a topic",
    "first_reply_minutes": "Time to first reply, of answered tickets",
    "good_rating_rate": "Good ratings, of all rated tickets",
    "known_customer_rate": "Receipts of known customers, of all receipts",
    "nps_survey": "NPS answer",
    "reopen_rate": "Reopened tickets",
    "repeat_order_rate": "Orders of repeat buyers, of all orders of profiles",
    "researched_online_rate": "Researched online, of journeys that bought in a store",
    "sentiment": "Mood of tickets (-1 to 1)",
    "unsubscribe_rate": "Unsubscribed, of delivered messages",
    "resolution_minutes": "Time to resolution, of resolved tickets",
    "open_rate": "Opened, of delivered messages",
    "click_rate": "Clicked or answered, of delivered messages",
    "store_walk_in": "Walked into a store",
    "direct": "Came directly",
    "sms": "SMS",
    "only_record": "Only record of its profile",
    "probabilistic_match": "Match probability above the threshold",
}
_LINES = {
    "orders": "Orders as the sources delivered them",
    "store_returns": "Returns at the till",
    "test_orders": "Orders to try the shop",
    "gift_cards": "Gift cards, which count when they are spent",
    "without_profile": "Of no known profile",
    "without_journey": "Of no journey",
    "renewals": "Renewals of subscriptions",
    "returns_without_order": "Returns whose order is not known",
    "attributed": "Attributed to channels",
    "amounts_without_rate": "Amounts without an exchange rate",
}
_SCORE_DECIMALS = {"nps": 0, "sentiment": 2}
_RULES = {
    "first": "First touch",
    "last": "Last touch",
    "linear": "Linear",
    "position": "Position-based (first and last most)",
}


def words(code: str) -> str:
    """Return a code of the tables as words: ``return_rate`` is "Return rate"."""
    return _WORDS.get(code) or code.replace("_", " ").capitalize()


def line_words(line: str) -> str:
    """Return the name of a line of the reconciliation of revenue."""
    return _LINES.get(line) or words(line)


def rule_words(rule: str) -> str:
    """Return the name of an attribution rule."""
    return _RULES.get(rule) or words(rule)


def in_order(names: Collection[str], order: Iterable[str]) -> list[str]:
    """Return the names in the given order, those that it does not contain sorted at the end."""
    known = [name for name in order if name in names]
    return [*known, *sorted(set(names) - set(known))]


def count(number: int) -> str:
    """Return a count with separators of thousands."""
    return f"{number:,}"


def plural(number: int, thing: str) -> str:
    """Return a noun in the singular or plural: journey for 1, journeys for 2."""
    return thing if number == 1 else f"{thing}s"


def percent(share: float | None) -> str:
    """Return a share of 0 to 1 in percent; one below 10 % keeps a decimal, unless it is 0."""
    if share is None:
        return "–"
    decimals = 1 if 0 < share * 100 < 9.95 else 0
    return f"{share * 100:.{decimals}f}{NO_BREAK}%"


def part_of(number: float | Decimal, total: float | Decimal) -> float:
    """Return a part as a share of a total, 0 where the total is 0."""
    return float(number) / float(total) if total else 0.0


def money(amount: float | Decimal, currency: str | None) -> str:
    """Return an amount to the cent with its currency."""
    return f"{'' if currency is None else currency + NO_BREAK}{cents(amount)}"


def cents(amount: float | Decimal) -> str:
    """Return an amount to the cent, so that what is shown adds up to its total."""
    return f"{amount:,.2f}"


def duration(minutes: float) -> str:
    """Return minutes as minutes, hours or days, depending on their size."""
    if minutes < 90:
        return f"{minutes:.0f} min"
    if minutes < 48 * 60:
        return f"{minutes / 60:.1f} h"
    return f"{minutes / 1440:.1f} days"


def decimal(value: float, decimals: int) -> str:
    """Return a number with so many decimals, never as minus zero."""
    return f"{round(value, decimals) + 0.0:.{decimals}f}"


def measured(value: float | None, metric: str, unit: str, currency: str | None = None) -> str:
    """Return a value of a metric with its unit: share, minutes, amount or score."""
    if value is None:
        return "–"
    if unit == "share":
        return percent(value)
    if unit == "minutes":
        return duration(value)
    if unit == "amount":
        return money(value, currency)
    return decimal(value, _SCORE_DECIMALS.get(metric, 1))


def month(when: date) -> str:
    """Return a month as May 2026."""
    return f"{when:%B %Y}"


def day(when: date | None) -> str:
    """Return a day as 3 May 2026."""
    return "–" if when is None else f"{when.day} {when:%B %Y}"
