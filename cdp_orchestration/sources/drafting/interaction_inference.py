"""What a sample says of what people did: when, and what kind of event. Guesses, by rule."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cdp_orchestration.sources.drafting.answer_inference import InferredAnswer, infer_answer
from cdp_orchestration.sources.drafting.money_inference import InferredMoney, infer_money
from cdp_orchestration.sources.drafting.samples import Sample, filled, letters_of

MAX_EVENT_WORDS = 20
_TIMES = re.compile(
    r"at|on|time|date|(event|activity|action)(date|time|timestamp|at)?|timestamp|"
    r".*(occurred|happened|ordered|purchased|paid|booked|placed|opened|clicked|sent|visited|order|purchase|transaction|"
    r"invoice|booking|visit|payment|start|started|begin|arrival|checkin|submit|submitted|responded|sale|closed)"
    r"(at|on|date|time|timestamp|datetime)|"
    r"checkin|start|starts|arrival|date(of)?(purchase|order|payment|booking|visit)|datum|bestelldatum|kaufdatum|"
    r"belegdatum|rechnungsdatum"
)
_ANSWERED = re.compile(r".*(responded|response|submit|submitted|answered)(at|on|date|time)?")  # not when it was asked
_CREATED = re.compile(r".*created(at|on|date|time)?|datecreated|createdate")  # of what is done once, such as an order
_EVENTS = re.compile(r"(event|action|activity|interaction|metric)(type|name|kind)?|verb")
_KINDS_OF_EVENT = re.compile(r"(transaction|record|call|contact)?(type|kind|art)")  # of what is known to be done
_CAMPAIGNS = re.compile(r"(campaign|mailing)(id|name|title|key)?|utmcampaign")
_PURCHASES = re.compile(
    r".*(order|transaction|invoice|purchase|receipt|booking|payment|sale|donation|reservation|rental|stay|bestell|"
    r"rechnung|charge|checks|beleg|commande|pedido).*"
)
_CHANGES = re.compile(r".*(updated|modified|changed|modstamp|deleted|created|anderung|geandert).*")
_MANY_ROWS = 0.7  # of what identifies a person at most this share differs where people do something several times


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
    (r"(e?mail)?open(s|ed)?(e?mail)?", Touchpoint("campaign_opened", "email", "awareness")),
    (r"(e?mail)?click(s|ed)?(e?mail)?", Touchpoint("campaign_clicked", "email", "research")),
    (r".*(refund|return).*", Touchpoint("return", "web", "service")),
    (
        (
            r"(completed?|placed?|paid|made|new|successful)?(order|purchase|sale|checkout|transaction|payment)s?"
            r"(completed?|placed|paid|confirmed|made|successful|success|succeeded|received|event)?|bought|paid|kauf"
        ),
        _PURCHASE,
    ),
    (r".*(call|phone).*", Touchpoint("call", "phone", "service", 5)),
    (r".*(ticket|complaint|chat|conversation).*", Touchpoint("ticket", "chat", "service", 3)),
    (r".*(review|referral|recommend).*", Touchpoint("review", "web", "advocacy")),
    (r".*(survey|nps|csat|feedback|responses|answers).*", Touchpoint("survey_answer", "email", "advocacy", 3)),
    (r".*(appointment|visit|checkin|session).*", Touchpoint("visit", "store", "research", 6)),
)
# Streams of which each row is something that was done, whoever did it how often.
_ACTIVITIES = re.compile(r".*(activit|events?|tasks|engagement|interaction|history|log).*")


@dataclass(frozen=True)
class InferredInteraction:
    """Which columns say what somebody did.

    ``taxonomy`` has the kind of touchpoint by the word of the event.
    """

    occurred_at: str
    event: str | None = None
    money: InferredMoney | None = None
    answer: InferredAnswer = field(default_factory=InferredAnswer)
    campaign: str | None = None
    taxonomy: Mapping[str, Touchpoint] = field(default_factory=dict)

    @property
    def kinds(self) -> dict[str, str]:
        """The kinds that a declaration of the interaction needs, by column."""
        kinds = {
            "occurred_at": "timestamp",
            "amount": "signed_amount",
            "currency": "currency",
            "score": "score",
            "comment": "long_text",
        }
        return {name: kinds[part] for part, (name,) in self.columns.items() if part in kinds}

    @property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """The column of each part, in the words of a declaration."""
        parts = {
            "occurred_at": self.occurred_at,
            "event": self.event,
            "amount": self.money and self.money.amount,
            "currency": self.money and self.money.currency,
            "campaign": self.campaign,
            "score": self.answer.score,
            "comment": self.answer.comment,
        }
        return {part: (name,) for part, name in parts.items() if name}


def infer_interaction(
    sample: Sample,
    kinds: Mapping[str, str],
    key: Sequence[str],
    meanings: Mapping[str, Sequence[str]],
    stream: str = "",
) -> InferredInteraction | None:
    """Return what somebody did by a row, where the sample says so.

    A row is something that was done if it has a time and either the word of an event, money under the key of an order,
    a person who has many rows, or a stream that is called so. A list of people has none of these, whatever its
    customers have spent.

    Args:
        sample: some rows of the stream.
        kinds: the kind of each column.
        key: the columns that name a row.
        meanings: the attributes of a person, with their columns.
        stream: the word for the stream.

    Returns:
        The guess; None where a row is nothing that was done.
    """
    called = letters_of(stream)
    named = _kind_of(called)
    is_repeated = _is_of_few_people(sample, meanings)
    is_order = any(_PURCHASES.fullmatch(letters_of(name)) for name in (*key, stream))
    is_done = is_repeated or is_order or bool(named) or bool(_ACTIVITIES.fullmatch(called))
    forms = (_EVENTS, _KINDS_OF_EVENT) if is_done else (_EVENTS,)
    event = next((name for form in forms for name in sample.columns if _is_event(name, sample, form)), None)
    taxonomy = _taxonomy(sample, event, named or (_PURCHASE if is_order else None))
    # What many rows of one person are worth, unless these are something else, such as calls with their price
    is_purchase = is_order or (is_repeated and not named) or _PURCHASE in taxonomy.values()
    returns = {word for word, kind in taxonomy.items() if kind.touchpoint_type == "return"}
    money = infer_money(sample, kinds, event, returns) if is_purchase else None
    occurred_at = _occurred_at(sample, kinds, is_done_once=is_done)
    if not occurred_at or not (event or money or is_done):
        return None
    if money and _PURCHASE not in taxonomy.values():
        taxonomy |= {"*": _PURCHASE}
    return InferredInteraction(
        occurred_at=occurred_at,
        event=event,
        money=money,
        answer=infer_answer(sample, stream),
        campaign=_first(sample.columns, _CAMPAIGNS),
        taxonomy=taxonomy,
    )


def _kind_of(letters: str) -> Touchpoint | None:
    return next((kind for form, kind in _KINDS if re.fullmatch(form, letters)), None)


def _is_of_few_people(sample: Sample, meanings: Mapping[str, Sequence[str]]) -> bool:
    """Return whether the same people stand in many rows, by their contacts."""
    contacts = [filled(sample.columns[name]) for meaning in ("emails", "phones") for name in meanings.get(meaning, ())]
    return any(len(given) > 1 and len(set(given)) <= _MANY_ROWS * len(given) for given in contacts)


def _taxonomy(sample: Sample, event: str | None, named: Touchpoint | None) -> dict[str, Touchpoint]:
    words = sorted({word.lower() for word in filled(sample.columns[event])}) if event else []
    known = {word: kind for word in words if (kind := _kind_of(letters_of(word)))}
    is_campaign = any(kind.touchpoint_type.startswith("campaign") for kind in known.values())
    return {**known, "*": named or (_OF_CAMPAIGN if is_campaign else _OTHER)}


def _is_event(name: str, sample: Sample, form: re.Pattern[str]) -> bool:
    given = filled(sample.columns[name])
    words = {word.lower() for word in given}
    # A kind that each row has says nothing
    is_one = len(given) > 1 and len(words) == 1 and form is _KINDS_OF_EVENT
    return bool(form.fullmatch(letters_of(name))) and 0 < len(words) <= MAX_EVENT_WORDS and not is_one


def _occurred_at(sample: Sample, kinds: Mapping[str, str], *, is_done_once: bool) -> str | None:
    """Return when something was done: a time rather than a day, and of several one that each row has."""
    times = [name for kind in ("timestamp", "date") for name, of in kinds.items() if of == kind]
    forms = (_ANSWERED, _TIMES, _CREATED) if is_done_once else (_TIMES,)
    filled_times = [name for name in times if all(sample.columns[name])]
    found = (_first(group, form) for group in (filled_times, times) for form in forms)
    others = (name for name in times if is_done_once and not _CHANGES.fullmatch(letters_of(name)))
    local = next(filter(None, found), None) or next(others, None)
    # The same time without the doubt whose clock it is
    return next((name for name in times if local and letters_of(name) in _of_utc(local)), local)


def _of_utc(name: str) -> tuple[str, str]:
    return f"{letters_of(name)}gmt", f"{letters_of(name)}utc"


def _first(columns: Iterable[str], form: re.Pattern[str]) -> str | None:
    return next((name for name in columns if form.fullmatch(letters_of(name))), None)
