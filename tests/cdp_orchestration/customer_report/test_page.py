"""The page: complete without network or script, without personal data, and sound whatever the tables hold."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from cdp_orchestration.customer_report.charts import trend_line
from cdp_orchestration.customer_report.figures import read_figures
from cdp_orchestration.customer_report.highlights import highlights
from cdp_orchestration.customer_report.page import render_page
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
    """The elements of a page with their attributes, and the tags that are not closed in their order."""

    VOID = frozenset({"meta", "input", "br", "link", "img", "hr"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.misplaced: list[str] = []

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
    """Return a release with a customer of every kind of figure, personal data included."""
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
    page = render_page(read_figures(full_release))
    assert "p1" in page
    assert [name for name, value in PERSONAL.items() if value in page] == []


def test_the_page_needs_no_network_and_runs_no_script(full_release: Release) -> None:
    page = render_page(read_figures(full_release))
    elements = _elements(page).found
    assert {tag for tag, _ in elements} & {"script", "link", "img", "iframe", "object"} == set()
    references = [value for _, attributes in elements for name, value in attributes.items() if name in ("src", "href")]
    assert [reference for reference in references if not (reference or "").startswith("#")] == []
    assert re.search(r"https?://|@import|url\(", page) is None
    assert [name for _, attributes in elements for name in attributes if name.startswith("on")] == []


def test_every_link_leads_to_a_section_and_every_picture_says_what_it_shows(full_release: Release) -> None:
    page = render_page(read_figures(full_release))
    elements = _elements(page).found
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {attributes["href"] for tag, attributes in elements if tag == "a"} <= {f"#{name}" for name in ids}
    assert page.count("<svg") == len(re.findall(r"<svg[^>]*><title", page)) > 0


def test_every_element_is_closed_where_it_must_be(full_release: Release) -> None:
    elements = _elements(render_page(read_figures(full_release)))
    assert (elements.open, elements.misplaced) == ([], [])


def test_an_empty_release_makes_a_page(publish: Publish) -> None:
    figures = read_figures(publish())
    assert highlights(figures) == []
    elements = _elements(render_page(figures))
    assert (elements.open, elements.misplaced) == ([], [])


def test_what_a_source_wrote_never_becomes_markup(publish: Publish, newest: Row) -> None:
    hostile = '<img src="x" onerror="alert(1)">'
    release = publish(
        touchpoints=[
            {**newest, "channel": hostile, "stage": hostile, "satisfaction_score": 1, "touchpoint_type": hostile}
        ],
        journeys=[
            {
                "journey_id": "j",
                "path": [hostile],
                "last_touch_channel": hostile,
                "is_open": False,
                "is_converted": False,
            }
        ],
    )
    page = render_page(read_figures(release))
    assert "<img" not in page.lower()
    assert "&lt;img" in page.lower()


def test_what_stands_out_follows_from_the_figures(full_release: Release) -> None:
    told = {highlight.section: highlight for highlight in highlights(read_figures(full_release))}
    assert "Two or more sources know 1 of 1." in told["identity"].sentence
    assert told["journey"].sentence.startswith("1 journey ended there without buying, 100")
    assert told["moments"].headline == "1 moment to answer now"
    assert "act" not in told  # one answer is too few to say what hurts most


def test_the_report_is_written_whole_and_again(full_release: Release, settings: Settings) -> None:
    written = write_report(settings)
    assert written.file == settings.customer_report
    assert (written.release_id, written.profile_count) == (full_release.release_id, 1)
    first = written.file.read_bytes()
    assert len(first) == written.size_bytes
    assert write_report(settings).file.read_bytes() == first
    assert [path.name for path in written.file.parent.iterdir()] == [written.file.name]


def test_without_a_release_the_error_says_what_to_do(settings: Settings) -> None:
    with pytest.raises(NoReleaseError, match="cdp demo"):
        write_report(settings)


def test_a_trend_breaks_where_nothing_was_measured_for_weeks() -> None:
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
    assert measured(1234.5, "order_amount", "amount", "EUR") == "EUR 1,234"
    assert words("some_new_metric") == "Some new metric"
