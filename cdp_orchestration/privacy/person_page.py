"""A person's file as a page that the person can read: style inside, no script, nothing fetched from elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from cdp_orchestration.privacy.person import Person, Row

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Join:
    """Why two records are held to be one person's.

    Attributes:
        left: the key of the one record.
        right: the key of the other record.
        because: the reason in words.
        agrees: what agrees between the two, in words.
        probability: how probable it is that both are one person's.
    """

    left: str
    right: str
    because: str
    agrees: tuple[str, ...] = ()
    probability: float | None = None


@dataclass(frozen=True)
class About:
    """What stands above a person's file: whose file of which request it is, and as of when."""

    request_id: str
    release_id: str
    released_at: str
    written_at: str
    company_name: str | None = None


@dataclass(frozen=True)
class Section:
    """A part of the page: the rows of a table, a choice of their columns under words that a person reads."""

    title: str
    table: str
    says: str
    columns: Mapping[str, str]


_SECTIONS = (
    Section(
        "Your details",
        "profile_attributes",
        "Each value, the system that it comes from, and when. Of several values, the first is the one in use.",
        {
            "attribute": "Detail",
            "value": "Value",
            "is_golden": "In use",
            "source_system": "From",
            "observed_at": "On",
            "reason": "Why this one",
        },
    ),
    Section(
        "What you are recognised by",
        "profile_identifiers",
        "E-mails, phones and numbers that your records carry.",
        {"identifier_type": "Kind", "identifier_value": "Value", "first_seen_at": "Since", "last_seen_at": "Last seen"},
    ),
    Section(
        "What you agreed to",
        "profile_consents",
        "What holds now, for each way to reach you and each purpose.",
        {"channel": "Way", "purpose": "Purpose", "state": "Answer", "since_at": "Since", "source_system": "From"},
    ),
    Section(
        "What you stated before",
        "consent_history",
        "Each statement, and when another replaced it.",
        {
            "channel": "Way",
            "purpose": "Purpose",
            "state": "Answer",
            "stated_at": "Stated",
            "replaced_at": "Replaced",
            "source_system": "From",
            "evidence": "Evidence",
        },
    ),
    Section(
        "What happened",
        "touchpoints",
        "Each contact between you and the company. Satisfaction goes from 0 to 100, mood from -1 to 1.",
        {
            "occurred_at": "When (UTC)",
            "touchpoint_type": "What",
            "channel": "Way",
            "source_system": "From",
            "topic": "Topic",
            "campaign": "Campaign",
            "amount": "Amount",
            "currency": "Currency",
            "satisfaction_score": "Satisfaction",
            "sentiment_score": "Mood concluded from text",
        },
    ),
    Section(
        "Your orders",
        "orders",
        "What was ordered and paid back.",
        {
            "ordered_at": "When (UTC)",
            "order_id": "Order",
            "channel": "Way",
            "order_amount": "Amount",
            "refunded_amount": "Paid back",
            "currency": "Currency",
        },
    ),
    Section(
        "Groups you were put in",
        "profile_personas",
        "Concluded from what happened, by fixed rules.",
        {"persona": "Group", "reason": "Why"},
    ),
    Section(
        "Lists you are or were on",
        "audiences",
        "Lists that a rule fills.",
        {"audience": "List", "entered_at": "From", "left_at": "Until"},
    ),
    Section(
        "Occasions to write to you",
        "moments",
        "Found by fixed rules; whether you may be written to is decided by what you agreed to.",
        {"occurred_at": "When (UTC)", "moment_type": "Occasion", "reason": "Why", "suggested_action": "Suggested"},
    ),
    Section(
        "Decisions about your profile",
        "profile_events",
        "When records were put together or taken apart.",
        {"occurred_at": "When (UTC)", "event_type": "What", "cause": "Why", "decision_reason": "Said by a person"},
    ),
)
_CONCLUDED = "profile_metrics"


def render_person(
    person: Person, joins: Sequence[Join], about: About, notes: Sequence[str], texts: Sequence[Row] = ()
) -> str:
    """Return the page as HTML; every value is text in it, whatever a customer wrote.

    Args:
        person: the person.
        joins: why the records are one person's.
        about: what stands above.
        notes: what the file leaves out, a sentence each.
        texts: what the person wrote; see ``delivered.written_by``.

    Returns:
        The page.
    """
    return (
        _environment()
        .get_template("person.html.j2")
        .render(
            person=person,
            name=_name(person),
            joins=joins,
            about=about,
            notes=notes,
            sections=[(section, *_shown(section, person.rows(section.table))) for section in _SECTIONS],
            texts=texts,
            concluded=next(iter(person.rows(_CONCLUDED)), {}),
            style=(_TEMPLATES / "person.css").read_text(encoding="utf-8"),
        )
    )


def _shown(section: Section, rows: Sequence[Row]) -> tuple[dict[str, str], list[Row]]:
    """Return the columns in which a row says something, and the rows, sorted by time where that comes first."""
    columns = {name: title for name, title in section.columns.items() if any(row.get(name) is not None for row in rows)}
    at = next((name for name in section.columns if name.endswith("_at")), None)
    in_order = (
        sorted(rows, key=lambda row: str(row.get(at) or "")) if at and at == next(iter(section.columns)) else rows
    )
    return columns, [{name: row[name] for name in columns} for row in in_order]


def _name(person: Person) -> str:
    return next((str(row["full_name"]) for row in person.rows("profiles") if row.get("full_name")), "")


def words(code: Any) -> str:
    """Return a code as words: ``campaign_sent`` is "campaign sent"."""
    return str(code).replace("_", " ").strip()


def plain(value: Any) -> str:
    """Return a value for a person to read; times to the minute, yes and no, nothing as a dash."""
    if value is None or value in ("", []):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, list | tuple):
        return ", ".join(plain(each) for each in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {plain(each)}" for name, each in value.items())
    if isinstance(value, float):
        return f"{value:g}"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def is_code(column: str) -> bool:
    """Return whether a column holds a code of the platform, to be shown as words, and nothing that a person wrote."""
    return column.endswith("_type") or column in _CODES


_CODES = frozenset(
    {"attribute", "cause", "channel", "evidence", "persona", "purpose", "source_system", "state", "topic"}
)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,  # of every template, whatever its ending: customers' values never become markup
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(words=words, plain=plain)
    environment.tests.update(code=is_code)
    return environment
