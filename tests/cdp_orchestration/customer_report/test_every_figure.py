"""Every number on the page is counted again from the tables of the release; one that is not, or is wrong, is found."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from shown_figures import count_again, differences, find_shown

from cdp_orchestration.customer_report.figures import read_figures
from cdp_orchestration.customer_report.page import Page, render_page
from cdp_orchestration.customer_report.writing import attribution_window_days
from cdp_orchestration.release.reader import Release

Row = dict[str, Any]
Publish = Callable[..., Release]

NOW = datetime.fromisoformat("2026-06-30T12:00:00")
WRITTEN = datetime(2026, 7, 20, 9, tzinfo=UTC)
CONTACTS = "report 7_contacts.csv"


def _act(number: int, days_ago: float, **others: Any) -> Row:
    row = {"touchpoint_id": f"t{number}", "profile_id": "p1", "occurred_at": NOW - timedelta(days=days_ago)}
    row |= {"channel": "web", "stage": "research", "touchpoint_type": "page_view", "is_order": False}
    return {**row, "effort_weight": 1, **others}


def _order(number: int, profile_id: str | None, days_ago: float, amount: float, **others: Any) -> Row:
    at = NOW - timedelta(days=days_ago)
    row = {"order_id": f"o{number}", "profile_id": profile_id, "ordered_at": at, "ordered_on": at.date()}
    return {**row, "is_order": True, "is_renewal": False, "net_reporting_amount": amount, "channel": "web", **others}


def _line(number: int, line: str, amount: float, *, belongs_to: str | None = None, is_total: bool = True) -> Row:
    row = {"line_no": number, "line": line, "belongs_to": belongs_to, "is_total": is_total, "amount": amount}
    return {**row, "row_count": 2, "currency": "CHF"}


def _tables() -> dict[str, list[Row]]:
    credited = [("last", "web", None, 70), ("last", "email", "Spring 26", 50.5), ("last", "direct", None, 9.5)]
    return {
        "profiles": [
            {"profile_id": "p1", "full_name": "Ana Ruiz", "source_count": 3, "record_count": 7, "is_contactable": True},
            {"profile_id": "p2", "email": "b@c.org", "source_count": 1, "record_count": 1, "identity_confidence": 0.71},
            {"profile_id": "p3", "source_count": 1, "record_count": 2, "is_anonymous": True},
        ],
        "profile_records": [
            {"profile_id": "p1", "source_system": source, "link_reason": "exact_duplicate", "match_probability": 0.9}
            for source in ("crm", "support", "ecommerce")
        ],
        "profile_identifiers": [
            _identifier("p1", "email"),
            _identifier("p1", "phone", profile_count=2),
            _identifier("p2", "email", is_shared=True),
        ],
        "profile_attributes": [{"profile_id": "p2", "attribute": "address_line", "is_golden": True}],
        "profile_consents": [
            _consent("p1", "email", "granted", is_contactable=True),
            _consent("p1", "call", "refused", purpose="service"),
            _consent("p3", "sms", "refused"),
        ],
        "profile_metrics": [
            {
                "profile_id": "p1",
                "order_count": 3,
                "revenue_amount": 110.25,
                "segment": "at_risk",
                "churn_risk_score": 0.4,
            },
            {"profile_id": "p2", "order_count": 1, "revenue_amount": 19.75, "segment": "champions"},
            {"profile_id": "p3", "order_count": 0, "revenue_amount": 0, "segment": "prospects"},
        ],
        "orders": [
            _order(1, "p1", 800, 60),
            _order(2, "p1", 770, 30.25),
            _order(3, "p1", 10, 20),
            _order(4, "p2", 400, 19.75),
            _order(5, None, 3, 5, channel="store"),
            _order(6, None, 2, -5, is_order=False),
        ],
        "revenue_reconciliation": [
            _line(1, "orders", 150, belongs_to="revenue", is_total=False),
            _line(2, "revenue", 130),
            _line(3, "revenue_of_profiles", 130, belongs_to="revenue"),
            _line(4, "attributed", 130, belongs_to="revenue_of_profiles"),
        ],
        "touchpoints": [
            _act(1, 200, touchpoint_type="product_added", journey_id="j1"),
            _act(2, 199, is_order=True, stage="purchase", journey_id="j1"),
            _act(3, 100, touchpoint_type="cart_view", journey_id="j2"),
            _act(4, 1, touchpoint_type="cart_view", profile_id="p2", journey_id="j3"),
            *(_act(10 + n, n, satisfaction_score=n, stage="service", touchpoint_type="ticket") for n in range(40)),
            *(_act(60 + n, 5, survey_type="nps", survey_score=n, is_last_answer=True) for n in range(5, 11)),
            *(
                _act(
                    80 + n,
                    9,
                    channel="email",
                    campaign="Spring 26",
                    source_record_type="campaign_member",
                    touchpoint_type=kind,
                )
                for n, kind in enumerate(("campaign_sent", "campaign_opened", "campaign_clicked", "campaign_bounced"))
            ),
        ],
        "campaigns": [
            {
                "campaign": "Spring 26",
                "last_message_at": NOW - timedelta(days=9),
                "message_count": 3,
                "opened_count": 2,
                "open_rate": 2 / 3,
                "clicked_count": 1,
                "click_rate": 1 / 3,
                "unsubscribed_count": 0,
            }
        ],
        "journeys": [
            _journey("j1", "research", "purchase", is_converted=True),
            _journey("j2", "research"),
            _journey("j3", "research", is_open=True),
        ],
        "journey_transitions": [
            {
                "from_stage": "research",
                "to_stage": "purchase",
                "from_channel": "web",
                "to_channel": "web",
                "transition_count": 1,
            }
        ],
        "journey_attribution": [
            {
                "order_id": f"o{n}",
                "rule": rule,
                "channel": channel,
                "campaign": campaign,
                "credited_amount": amount,
                "is_fallback": False,
            }
            for n, (rule, channel, campaign, amount) in enumerate(credited)
        ],
        "cx_scorecard": [_score(0, 0.4), _score(28, 0.6), _score(0, 31.5, metric="order_amount", unit="amount")],
        "moments": [_moment(1, "p1"), _moment(2, "p1", is_contactable=False), _moment(3, "p2", is_current=False)],
        "audiences": [{"profile_id": "p1", "audience": "promoters", "entered_at": NOW, "change": "entered"}],
        "profile_personas": [{"profile_id": "p1", "persona": "digital_regular"}],
        "source_receipts": [
            {
                "source_system": "crm",
                "received_at": NOW - timedelta(days=11),
                "found_in": "crm_leads",
                "loaded_at": NOW,
            },
            {"source_system": "in_store", "received_at": NOW, "found_in": "in_store_receipts", "loaded_at": NOW},
        ],
    }


def _identifier(profile_id: str, kind: str, **others: Any) -> Row:
    row = {"profile_id": profile_id, "identifier_type": kind, "identifier_sha256": f"{profile_id} {kind}"}
    return {**row, "is_primary": True, "is_shared": False, "profile_count": 1, **others}


def _consent(profile_id: str, channel: str, state: str, **others: Any) -> Row:
    row = {"profile_id": profile_id, "channel": channel, "purpose": "marketing", "state": state}
    return {**row, "is_contactable": False, **others}


def _journey(journey_id: str, *path: str, **others: Any) -> Row:
    row = {"journey_id": journey_id, "path": list(path), "last_touch_channel": "web"}
    return {**row, "is_open": False, "is_converted": False, "has_cart": True, **others}


def _score(days_ago: int, value: float, **others: Any) -> Row:
    row = {"function": "marketing", "metric": "open_rate", "unit": "share", "value": value, "sample_size": 90}
    row |= {
        "scored_on": NOW.date() - timedelta(days=days_ago),
        "lowest_value": value - 0.1,
        "highest_value": value + 0.1,
    }
    return {**row, "is_ripe": True, "is_small_sample": False, "is_significant_change": True, **others}


def _moment(number: int, profile_id: str, **others: Any) -> Row:
    row = {"moment_id": f"m{number}", "profile_id": profile_id, "moment_type": "third_purchase", "is_surprise": True}
    row |= {"suggested_action": "Say thank you within 3 days", "suggested_channel": "email", "expires_at": NOW}
    return {**row, "is_current": True, "is_contactable": True, **others}


@pytest.fixture
def release(publish: Publish) -> Release:
    tables = _tables()
    for profile in tables["profiles"]:
        profile.setdefault("is_anonymous", False)
        profile.setdefault("is_contactable", False)
        profile.setdefault("identity_confidence", 1.0)
    return publish(**tables)


@pytest.fixture
def page(release: Release) -> str:
    around = Page(attribution_window_days(), "4 Seasons", contacts_file=CONTACTS, contact_count=1)
    return render_page(read_figures(release, WRITTEN), around)


def _objections(page: str, release: Release) -> list[str]:
    figures, unmarked = find_shown(page, {CONTACTS, "4 Seasons"})
    with release.connect() as connection:
        counted = count_again(connection, release.manifest["run_id"], release.release_id, WRITTEN.date())
    return [*unmarked, *differences(figures, counted)]


def test_every_number_of_a_page_is_that_of_the_tables(page: str, release: Release) -> None:
    assert _objections(page, release) == []


def test_every_number_of_a_release_without_a_customer_is_that_of_the_tables(publish: Publish) -> None:
    lines = ("revenue", "revenue_of_profiles", "attributed")
    release = publish(revenue_reconciliation=[_line(number, line, 0) for number, line in enumerate(lines)])
    page = render_page(read_figures(release, WRITTEN), Page(attribution_window_days(), contacts_file=CONTACTS))
    assert _objections(page, release) == []


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ('data-value="130.00">CHF\u00a0130.00<', 'data-value="130.01">CHF\u00a0130.01<'),
        ('data-value="130.00">CHF\u00a0130.00<', 'data-value="130.00">CHF\u00a0113.00<'),
        ('<span data-figure="carts.all" data-value="2">2</span>', "2"),
        ('<span data-figure="carts.all" data-value="2">2</span>', "all"),
        (">Highlights<", ">7 highlights<"),
        (">Highlights<", '><span data-figure="highlights" data-value="7">7</span> highlights<'),
        ('aria-label="Scorecard"', 'aria-label="Scorecard of 2 metrics"'),
    ],
)
def test_a_wrong_number_and_one_that_is_not_counted_are_found(
    page: str, release: Release, written: str, instead: str
) -> None:
    assert written in page
    assert len(_objections(page.replace(written, instead, 1), release)) >= 1
