"""The page: complete without network or script, without personal data, and valid for any content of the tables."""

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from cdp_orchestration import customer_report
from cdp_orchestration.customer_report.charts import trend_line
from cdp_orchestration.customer_report.figures import read_figures
from cdp_orchestration.customer_report.highlights import highlights
from cdp_orchestration.customer_report.page import Page, render_page
from cdp_orchestration.customer_report.words import duration, measured, percent, words
from cdp_orchestration.customer_report.writing import write_report
from cdp_orchestration.errors import NoReleaseError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.reader import Release

Row = dict[str, Any]
Publish = Callable[..., Release]

PERSONAL = {
    "full_name": "Ada Lovelace",
    "given_name": "Ada",
    "family_name": "Lovelace",
    "email": "ada@lovelace.org",
    "phone": "+447447424591",
    "address_line": "12 St James Square",
}


class _Elements(HTMLParser):
    """The elements of a page with their attributes, its texts, and the tags that are not closed in their order."""

    VOID = frozenset({"meta", "input", "br", "link", "img", "hr"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.misplaced: list[str] = []
        self.texts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.misplaced.append(tag)


def _elements(page: str) -> _Elements:
    parser = _Elements()
    parser.feed(page)
    return parser


def _record(source: str, key: str) -> Row:
    return {"source_system": source, "profile_id": "p1", "source_record_id": key, "link_reason": "exact_duplicate"}


@pytest.fixture
def full_release(publish: Publish, newest: Row) -> Release:
    """Return a release with one customer in every kind of figure, personal data included."""
    ticket = {**newest, "touchpoint_id": "t", "touchpoint_type": "ticket", "stage": "service", "satisfaction_score": 0}
    ticket["journey_id"] = "j"
    named = {
        "profile_id": "p1",
        "source_count": 2,
        "record_count": 2,
        "is_anonymous": False,
        "identity_confidence": 0.5,
    }
    return publish(
        profiles=[{**named, **PERSONAL}],
        profile_records=[_record("crm", PERSONAL["email"])],
        profile_identifiers=[
            {"profile_id": "p1", "identifier_type": kind, "identifier_value": PERSONAL[kind], "identifier_sha256": kind}
            for kind in ("email", "phone")
        ],
        profile_metrics=[
            {"profile_id": "p1", "revenue_amount": 9, "currency": "EUR", "order_count": 1, "segment": "at_risk"}
        ],
        touchpoints=[newest, ticket],
        journeys=[
            {
                "journey_id": "j",
                "path": ["service"],
                "last_touch_channel": "web",
                "is_open": False,
                "is_converted": False,
            }
        ],
        moments=[
            {
                "moment_id": "m",
                "profile_id": "p1",
                "moment_type": "service_recovery",
                "reason": f"{PERSONAL['full_name']} complained",
                "suggested_action": "Call and put it right",
                "suggested_channel": "phone",
                "is_current": True,
                "is_contactable": True,
                "expires_at": newest["occurred_at"] + timedelta(days=3),
            }
        ],
    )


def test_the_page_holds_no_personal_data(full_release: Release) -> None:
    page = render_page(read_figures(full_release), Page(attribution_window_days=90))
    assert "p1" in page
    assert [name for name, value in PERSONAL.items() if value in page] == []


def test_the_page_needs_no_network_and_runs_no_script(full_release: Release) -> None:
    page = render_page(read_figures(full_release), Page(attribution_window_days=90))
    elements = _elements(page).found
    assert {tag for tag, _ in elements} & {"script", "link", "img", "iframe", "object"} == set()
    references = [value for _, attributes in elements for name, value in attributes.items() if name in ("src", "href")]
    assert [reference for reference in references if not (reference or "").startswith("#")] == []
    assert re.search(r"https?://|@import|url\(", page) is None
    assert [name for _, attributes in elements for name in attributes if name.startswith("on")] == []


def test_every_link_leads_to_a_section_and_every_chart_has_a_title(full_release: Release) -> None:
    page = render_page(read_figures(full_release), Page(attribution_window_days=90))
    elements = _elements(page).found
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {attributes["href"] for tag, attributes in elements if tag == "a"} <= {f"#{name}" for name in ids}
    assert page.count("<svg") == len(re.findall(r"<svg[^>]*><title", page)) > 0


def test_every_element_is_closed_in_order(full_release: Release) -> None:
    elements = _elements(render_page(read_figures(full_release), Page(attribution_window_days=90)))
    assert (elements.open, elements.misplaced) == ([], [])


def test_an_empty_release_gives_a_page(publish: Publish) -> None:
    figures = read_figures(publish())
    assert highlights(figures) == []
    elements = _elements(render_page(figures, Page(attribution_window_days=90)))
    assert (elements.open, elements.misplaced) == ([], [])


HOSTILE = (
    "<script>alert(1)</script>",
    '"onload="alert(1)',
    "' onclick='alert(1)",
    "</title></svg></style><img src=x>",
    "[/b]",
    "{{ 7 * 7 }}",
    "&lt;b&gt;",
)


def _release_of(name: str, publish: Publish, newest: Row) -> Release:
    """Publish a release in which every text that the report reads is the given name."""
    texts = {"channel": name, "stage": name, "touchpoint_type": name, "campaign": name, "topic": name}
    journey = {"journey_id": "j", "path": [name], "last_touch_channel": name, "is_open": False, "is_converted": False}
    score = {"function": name, "metric": name, "unit": "share", "value": 0.5, "sample_size": 50}
    moment = {"moment_type": name, "suggested_action": name, "suggested_channel": name, "profile_id": name}
    profile = {"profile_id": name, "source_count": 2, "record_count": 2, "identity_confidence": 0.5}
    counts = {"message_count": 1, "opened_count": 0, "clicked_count": 0, "unsubscribed_count": 0}
    day = newest["occurred_at"].date()
    return publish(
        touchpoints=[{**newest, **texts, "satisfaction_score": 1, "journey_id": "j"}],
        campaigns=[{**counts, "campaign": name, "last_message_at": newest["occurred_at"]}],
        journeys=[journey],
        journey_transitions=[
            {
                "from_stage": name,
                "from_channel": name,
                "to_stage": "research",
                "to_channel": name,
                "transition_count": 1,
            }
        ],
        journey_attribution=[
            {"order_id": "o", "channel": name, "campaign": name, "rule": "first", "credited_amount": 9}
        ],
        cx_scorecard=[
            {**score, "scored_on": day - timedelta(days=days), "is_small_sample": False, "is_ripe": True}
            for days in (0, 7, 28)
        ],
        moments=[{**moment, "moment_id": "m", "is_current": True, "is_contactable": True, "is_surprise": True}],
        profiles=[{**profile, "is_anonymous": False}],
        profile_records=[{**_record(name, "r"), "link_reason": name}],
        profile_identifiers=[{"profile_id": name, "identifier_type": name, "identifier_sha256": "x"}],
        profile_metrics=[{"profile_id": name, "segment": name, "currency": name, "revenue_amount": 9}],
        revenue_reconciliation=[
            {"line_no": 1, "line": name, "belongs_to": name, "is_total": False, "amount": 9, "row_count": 1},
            {"line_no": 2, "line": "revenue", "is_total": True, "amount": 9, "row_count": 1, "currency": name},
        ],
        source_receipts=[{"source_system": name, "received_at": newest["occurred_at"], "found_in": name}],
        profile_personas=[{"profile_id": name, "persona": name}],
        audiences=[{"profile_id": name, "audience": name, "entered_at": newest["occurred_at"]}],
    )


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_name_from_a_source_never_becomes_markup(
    publish: Publish, newest: Row, settings: Settings, hostile: str
) -> None:
    pages = []
    for name in ("a plain name", hostile):
        pages.append(
            render_page(
                read_figures(_release_of(name, publish, newest)), Page(90, company_name=name, contacts_file=name)
            )
        )
        shutil.rmtree(settings.releases)
    plain, page = (_elements(page) for page in pages)
    assert _structure(page) == _structure(plain)
    assert (page.open, page.misplaced) == ([], [])
    shown = [text for text in page.texts if hostile.lower() in text.lower()]
    assert len(shown) == len([text for text in plain.texts if "a plain name" in text.lower()]) > 20


def _structure(elements: _Elements) -> list[tuple[str, tuple[str, ...]]]:
    return [(tag, tuple(attributes)) for tag, attributes in elements.found]


def test_templates_mark_only_their_own_text_as_safe() -> None:
    folder = Path(customer_report.__file__).parent / "templates"
    templates = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.j2")}
    assert len(templates) == 12
    marked = {name: re.findall(r"\S+\s*\|\s*safe", text) for name, text in templates.items()}
    assert {name: found for name, found in marked.items() if found} == {
        "customers.html.j2": ['class="soft"\'|safe'],
        "page.html.j2": ["style|safe"],
    }
    assert [name for name, text in templates.items() if re.search(r"\bautoescape\b|Markup", text)] == []


def test_highlights_follow_from_the_figures(full_release: Release) -> None:
    by_section = {highlight.section: highlight for highlight in highlights(read_figures(full_release))}
    assert by_section["identity"].sentence.striptags() == "1 of 1 are known to two or more sources."
    assert by_section["journey"].sentence.striptags().startswith("1 journey ended there without a purchase, 100")
    assert by_section["moments"].headline.striptags() == "1 moment to act on now"
    assert "act" not in by_section  # one answer is too few for a highlight


def test_the_report_can_be_written_again_with_the_same_bytes(full_release: Release, settings: Settings) -> None:
    now = datetime(2026, 7, 9, tzinfo=UTC)
    written = write_report(settings, written_at=now)
    assert written.file == settings.customer_report
    assert (written.release_id, written.profile_count) == (full_release.release_id, 1)
    first = written.file.read_bytes()
    assert len(first) == written.size_bytes
    assert write_report(settings, written_at=now).file.read_bytes() == first
    assert {path.name for path in written.file.parent.iterdir()} == {written.file.name, written.contacts_file.name}


def test_without_a_release_the_error_says_what_to_do(settings: Settings) -> None:
    with pytest.raises(NoReleaseError, match="cdp demo"):
        write_report(settings)


def test_a_trend_line_is_interrupted_where_weeks_have_no_value() -> None:
    start = datetime.fromisoformat("2026-01-01").date()
    points = [(start + timedelta(days=days), float(days)) for days in (0, 7, 14, 70, 77)]
    (path,) = re.findall(r'<path d="([^"]*)"', trend_line(points, "A metric"))
    assert path.count("M") == 2
    assert trend_line(points[:1], "A metric") == ""


def test_figures_are_rounded_for_people() -> None:
    assert [percent(share) for share in (None, 0, 0.004, 0.25, 1)] == [
        "–",
        "0\u00a0%",
        "0.4\u00a0%",
        "25\u00a0%",
        "100\u00a0%",
    ]
    assert [duration(minutes) for minutes in (5, 300, 4320)] == ["5 min", "5.0 h", "3.0 days"]
    assert measured(-0.3, "nps", "score") == "0"
    assert measured(1234.5, "order_amount", "amount", "EUR") == "EUR\u00a01,234.50"
    assert words("some_new_metric") == "Some new metric"
