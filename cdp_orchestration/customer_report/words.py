"""Names and numbers for people: words for codes, their order, rounded figures with their unit."""

from collections.abc import Collection, Iterable
from datetime import date

_WORDS = {
    "crm": "CRM",
    "csat": "Satisfaction after service (CSAT)",
    "ces": "Ease of being helped (CES)",
    "nps": "Would recommend us (NPS)",
    "ecommerce": "Web shop",
    "in_store": "Stores",
    "ended_after_buying": "Ended after a purchase",
    "ended_without_buying": "Ended without a purchase",
    "still_going_on": "Still open",
    "effort_reported": "Reported effort",
    "effort_weight": "Expected effort",
    "known_to_several_sources_rate": "Profiles in several sources",
    "order_amount": "Order amount",
    "cancellation_rate": "Orders cancelled",
    "ces_survey": "CES answer",
    "csat_survey": "CSAT answer",
    "defect_rate_of_tickets": "Tickets about defects",
    "delivery_minutes": "Time to delivery",
    "delivery_rate_of_tickets": "Tickets about delivery",
    "first_reply_minutes": "Time to first reply",
    "good_rating_rate": "Tickets rated good",
    "journey_completion_rate": "Journeys with a cart that ended in a purchase",
    "known_customer_rate": "Purchases of known customers",
    "nps_survey": "NPS answer",
    "reopen_rate": "Reopened tickets",
    "repeat_order_rate": "Orders of repeat buyers",
    "researched_online_rate": "Researched online, bought in store",
    "sentiment": "Mood of tickets (-1 to 1)",
    "unsubscribe_rate": "Unsubscribed",
    "resolution_minutes": "Time to resolution",
    "only_record": "Only record of its profile",
    "probabilistic_match": "Match probability above the threshold",
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


def counted(number: int, thing: str) -> str:
    """Return a count with its noun in the singular or plural: 1 journey, 2 journeys."""
    return f"{count(number)} {thing}{'' if number == 1 else 's'}"


def percent(share: float | None) -> str:
    """Return a share of 0 to 1 in percent; one below 10 % keeps a decimal, unless it is 0."""
    if share is None:
        return "–"
    decimals = 1 if 0 < share * 100 < 9.95 else 0
    return f"{share * 100:.{decimals}f}\u00a0%"  # never broken before the sign


def part_of(number: float, total: float) -> float:
    """Return a part as a share of a total, 0 where the total is 0."""
    return number / total if total else 0.0


def money(amount: float, currency: str | None) -> str:
    """Return an amount in whole units of its currency."""
    return f"{'' if currency is None else currency + ' '}{amount:,.0f}"


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


def day(when: date | None) -> str:
    """Return a day as 3 May 2026."""
    return "–" if when is None else f"{when.day} {when:%B %Y}"
