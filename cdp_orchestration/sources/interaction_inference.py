"""What a sample says of what people did: when, what kind of event, for how much, and whose it is. Guesses, by rule."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cdp_orchestration.sources.samples import Sample, filled, letters_of

MAX_EVENT_WORDS = 20
_TIMES = re.compile(
    r"at|on|time|date|(event|activity|action)(date|time|timestamp|at)?|timestamp|"
    r".*(occurred|happened|ordered|purchased|paid|booked|placed|opened|clicked|sent|visited|order|purchase|transaction|"
    r"invoice|booking|visit|payment|start|started|begin|arrival|checkin)(at|on|date|time|timestamp)|"
    r"checkin|start|starts|arrival|date(of)?(purchase|order|payment|booking|visit)|datum|bestelldatum|kaufdatum"
)
_CREATED = re.compile(r"created(at|on|date|time)?|datecreated")  # of what is done once, such as an order
_EVENTS = re.compile(r"(event|action|activity|interaction)(type|name|kind)?|verb")
_AMOUNTS = re.compile(
    r"(order|grand|invoice|transaction|purchase|booking|gesamt)?(total|amount|price|sum|value|betrag|summe|montant)"
    r"(paid|price|amount|betrag)?"
)
_CURRENCIES = re.compile(r".*currency(code)?|waehrung|devise")
_CAMPAIGNS = re.compile(r"(campaign|mailing)(id|name|title|key)?|utmcampaign")
_PURCHASES = re.compile(
    r".*(order|transaction|invoice|purchase|receipt|booking|payment|sale|donation|reservation|rental|stay|bestell|"
    r"rechnung).*"
)
_CHANGES = re.compile(r".*(updated|modified|changed|modstamp|deleted|created|anderung|geandert).*")
_MANY_ROWS = 0.7  # of what identifies a person at most this share differs where people do something several times
_STATES = re.compile(r".*(status|state)")
_CANCELLED = frozenset({"cancelled", "canceled", "void", "voided", "declined", "failed", "expired", "storniert"})
_CODE = re.compile(r"[A-Za-z]{3}")


@dataclass(frozen=True)
class Touchpoint:
    """What kind of touchpoint an event is, in the words of a declaration."""

    touchpoint_type: str
    channel: str
    stage: str
    effort_weight: int = 1
    is_creditable: bool = True


_OTHER = Touchpoint("other_event", "web", "research")
_OF_CAMPAIGN = Touchpoint("campaign_event", "email", "awareness", 0, False)
_PURCHASE = Touchpoint("order", "web", "purchase")
# What a word of an event means, by its letters alone; the first that fits counts.
_KINDS: tuple[tuple[str, Touchpoint], ...] = (
    (r"(e?mail)?(un|de)sub.*|optout|optedout", Touchpoint("campaign_unsubscribed", "email", "awareness", 1, False)),
    (r".*bounced?", Touchpoint("campaign_bounced", "email", "awareness", 0, False)),
    (r"(e?mail)?(sent|send|deliver(ed|y)?)", Touchpoint("campaign_sent", "email", "awareness", 0, False)),
    (r"(e?mail)?open(s|ed)?", Touchpoint("campaign_opened", "email", "awareness")),
    (r"(e?mail)?click(s|ed)?", Touchpoint("campaign_clicked", "email", "research")),
    (r".*(refund|return).*", Touchpoint("return", "web", "service")),
    (r".*(order|purchase|checkout|sale|bought|paid).*", _PURCHASE),
    (r".*(call|phone).*", Touchpoint("call", "phone", "service", 5)),
    (r".*(ticket|complaint|chat).*", Touchpoint("ticket", "chat", "service", 3)),
    (r".*(review|referral|recommend).*", Touchpoint("review", "web", "advocacy")),
)


@dataclass(frozen=True)
class InferredInteraction:
    """Which columns say what somebody did.

    ``taxonomy`` has the kind of touchpoint by the word of the event, ``uncounted`` a column with the values in which
    the amount of a row does not count. Without a ``currency`` a person has to name that of the amount.
    """

    occurred_at: str
    event: str | None = None
    amount: str | None = None
    currency: str | None = None
    campaign: str | None = None
    uncounted: tuple[str, tuple[str, ...]] | None = None
    taxonomy: Mapping[str, Touchpoint] = field(default_factory=dict)

    @property
    def kinds(self) -> dict[str, str]:
        """The kinds that a declaration of the interaction needs, by column."""
        amount = {self.amount: "signed_amount"} if self.amount else {}
        return {self.occurred_at: "timestamp"} | amount | ({self.currency: "currency"} if self.currency else {})

    @property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """The column of each part, in the words of a declaration."""
        parts = ("occurred_at", "event", "amount", "currency", "campaign")
        return {part: (getattr(self, part),) for part in parts if getattr(self, part)}


def infer_interaction(
    sample: Sample, kinds: Mapping[str, str], key: Sequence[str], meanings: Mapping[str, Sequence[str]]
) -> InferredInteraction | None:
    """Return what somebody did by a row, where the sample says so.

    A row is something that was done if it has a time and either the word of an event, money under the key of an order,
    or a person who has many rows. A list of people has none of these, whatever its customers have spent.

    Args:
        sample: some rows of the stream.
        kinds: the kind of each column.
        key: the columns that name a row.
        meanings: the attributes of a person, with their columns.

    Returns:
        The guess; None where a row is nothing that was done.
    """
    times = [name for name, kind in kinds.items() if kind in ("timestamp", "date")]
    event = next((name for name in sample.columns if _is_event(name, sample)), None)
    is_repeated = _is_of_few_people(sample, meanings)
    is_purchase = is_repeated or any(_PURCHASES.fullmatch(letters_of(name)) for name in key)
    amount = _first(kinds, _AMOUNTS, "signed_amount") if is_purchase else None
    occurred_at = _occurred_at(times, is_done_once=is_purchase)
    if not occurred_at or not (event or amount or is_repeated):
        return None
    currency = next((name for name in sample.columns if _is_currency(name, sample)), None) if amount else None
    return InferredInteraction(
        occurred_at=occurred_at,
        event=event,
        amount=amount,
        currency=currency,
        campaign=_first(sample.columns, _CAMPAIGNS),
        uncounted=_uncounted(sample) if amount else None,
        taxonomy=_taxonomy(sample, event, is_purchase=bool(amount)),
    )


def _is_of_few_people(sample: Sample, meanings: Mapping[str, Sequence[str]]) -> bool:
    """Return whether the same people stand in many rows, by their contacts."""
    contacts = [filled(sample.columns[name]) for meaning in ("emails", "phones") for name in meanings.get(meaning, ())]
    return any(len(given) > 1 and len(set(given)) <= _MANY_ROWS * len(given) for given in contacts)


def _taxonomy(sample: Sample, event: str | None, *, is_purchase: bool) -> dict[str, Touchpoint]:
    words = sorted({word.lower() for word in filled(sample.columns[event])}) if event else []
    found = {
        word: next((kind for form, kind in _KINDS if re.fullmatch(form, letters_of(word))), None) for word in words
    }
    known = {word: kind for word, kind in found.items() if kind}
    is_campaign = any(kind.touchpoint_type.startswith("campaign") for kind in known.values())
    other = _PURCHASE if is_purchase else _OF_CAMPAIGN if is_campaign else _OTHER
    return {**known, "*": other}


def _uncounted(sample: Sample) -> tuple[str, tuple[str, ...]] | None:
    for name, values in sample.columns.items():
        said = {value.lower() for value in filled(values)} & _CANCELLED
        if said and _STATES.fullmatch(letters_of(name)):
            return name, tuple(sorted(said))
    return None


def _is_event(name: str, sample: Sample) -> bool:
    words = {word.lower() for word in filled(sample.columns[name])}
    return bool(_EVENTS.fullmatch(letters_of(name))) and 0 < len(words) <= MAX_EVENT_WORDS


def _is_currency(name: str, sample: Sample) -> bool:
    codes = filled(sample.columns[name])
    return bool(codes) and bool(_CURRENCIES.fullmatch(letters_of(name))) and all(map(_CODE.fullmatch, codes))


def _occurred_at(times: Sequence[str], *, is_done_once: bool) -> str | None:
    found = next((name for name in times if _TIMES.fullmatch(letters_of(name))), None)
    found = found or next((name for name in times if is_done_once and _CREATED.fullmatch(letters_of(name))), None)
    return found or next((name for name in times if is_done_once and not _CHANGES.fullmatch(letters_of(name))), None)


def _first(columns: Mapping[str, object], form: re.Pattern[str], kind: str | None = None) -> str | None:
    return next((name for name, of in columns.items() if form.fullmatch(letters_of(name)) and kind in (None, of)), None)
