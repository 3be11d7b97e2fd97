"""Revenue and its parts, carts, campaigns, cohorts and reach, counted from tiny tables."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cdp_orchestration.customer_report import cohorts, journeys, reach
from cdp_orchestration.customer_report.campaigns import CAMPAIGNS_SHOWN, credits_by_rule
from cdp_orchestration.customer_report.figures import read_figures
from cdp_orchestration.customer_report.page import Page, render_page
from cdp_orchestration.customer_report.revenue import MONTHS_SHOWN
from cdp_orchestration.customer_report.writing import attribution_window_days, write_report
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.reader import Release

Row = dict[str, Any]
Publish = Callable[..., Release]

NOW = datetime.fromisoformat("2026-06-30T12:00:00")


def _order(number: int, when: str | datetime, amount: float | None = 10, **others: Any) -> Row:
    at = datetime.fromisoformat(when) if isinstance(when, str) else when
    row = {"order_id": f"o{number}", "profile_id": "p", "ordered_at": at, "ordered_on": at.date()}
    return {**row, "net_reporting_amount": amount, "is_order": True, "is_renewal": False, **others}


def _profile(profile_id: str, **others: Any) -> Row:
    row = {"profile_id": profile_id, "source_count": 1, "record_count": 1, "identity_confidence": 1.0}
    return {**row, "is_anonymous": False, "is_contactable": False, **others}


def test_months_add_up_to_the_revenue_and_the_last_one_is_partial(publish: Publish) -> None:
    revenue = read_figures(
        publish(
            orders=[
                _order(1, "2026-04-30T23:59:59"),
                _order(2, "2026-06-01"),
                _order(3, "2026-06-02", -4, is_order=False),
            ],
            revenue_reconciliation=[{"line_no": 1, "line": "revenue", "amount": 16, "row_count": 3, "currency": "SEK"}],
        )
    ).revenue
    found = [(month.month.month, month.order_count, month.amount, month.is_partial) for month in revenue.months]
    assert found == [(4, 1, 10, False), (5, 0, 0, False), (6, 1, 6, True)]
    assert (revenue.total, revenue.of_no_month, revenue.currency) == (16, 0, "SEK")


def test_what_is_in_no_month_for_want_of_a_rate_is_a_row_of_its_own(publish: Publish) -> None:
    release = publish(
        orders=[_order(1, "2026-06-01"), _order(2, "2026-06-02", None)],
        revenue_reconciliation=[
            {"line_no": 1, "line": "revenue", "is_total": True, "amount": 17.5, "row_count": 2, "currency": "SEK"},
            {"line_no": 2, "line": "amounts_without_rate", "is_total": False, "amount": 0, "row_count": 1},
        ],
    )
    revenue = read_figures(release).revenue
    assert (revenue.of_no_month, revenue.without_rate_count) == (Decimal("7.5"), 1)
    page = render_page(read_figures(release), Page(attribution_window_days=90))
    assert "Orders of which a part has no exchange rate" in page


def test_earlier_months_are_one_row(publish: Publish) -> None:
    orders = [_order(n, NOW - timedelta(days=30 * n), n) for n in range(MONTHS_SHOWN + 6)]
    revenue = read_figures(publish(orders=orders)).revenue
    shown = sum(month.amount for month in revenue.shown_months)
    assert len(revenue.shown_months) == MONTHS_SHOWN
    assert shown + revenue.earlier_amount == sum(range(MONTHS_SHOWN + 6))
    assert revenue.earlier_order_count + sum(month.order_count for month in revenue.shown_months) == len(orders)


def test_carts_are_counted_in_every_journey_that_has_ended_bought_or_left(publish: Publish) -> None:
    bought = {"is_converted": True, "is_open": False, "has_cart": True}
    left = {"is_converted": False, "is_open": False, "has_cart": True}
    carts = read_figures(
        publish(
            journeys=[
                {"journey_id": "bought", **bought},
                {"journey_id": "bought one and left one", **bought, "abandoned_step": "cart"},
                {"journey_id": "left at the checkout", **left, "abandoned_step": "checkout"},
                {"journey_id": "in a store, without a cart", **bought, "has_cart": False},
                {"journey_id": "still open", **left, "is_open": True, "abandoned_step": "cart"},
            ],
        )
    ).carts
    assert (carts.filled_count, carts.left_count) == (3, 2)


def test_a_journey_that_is_open_counts_neither_as_won_nor_as_lost(publish: Publish) -> None:
    states = [(False, True), (False, False), (False, False), (True, True), (True, False)]
    counts = read_figures(
        publish(
            journeys=[
                {"journey_id": str(n), "path": ["research"], "is_open": is_open, "is_converted": is_converted}
                for n, (is_open, is_converted) in enumerate(states)
            ]
        )
    ).journey_counts
    assert (counts.converted_count, counts.closed_count, counts.open_count) == (1, 3, 2)


def test_journeys_in_stores_alone_are_no_proof_that_journeys_end_in_a_purchase(publish: Publish) -> None:
    ways = [(["store"], True), (["store"], True), (["store", "web"], True), (["web"], False)]
    counts = read_figures(
        publish(
            journeys=[
                {"journey_id": str(n), "channels": channels, "is_open": False, "is_converted": is_converted}
                for n, (channels, is_converted) in enumerate(ways)
            ]
        )
    ).journey_counts
    assert (counts.converted_count, counts.closed_count, counts.store_only_count) == (1, 2, 2)


def _campaign(name: str, messages: int, opened: int, clicked: int, *, is_sending_recorded: bool) -> Row:
    counts = {"message_count": messages, "opened_count": opened, "clicked_count": clicked, "unsubscribed_count": 0}
    rates = {"open_rate": opened / messages, "click_rate": clicked / messages} if is_sending_recorded else {}
    return {"campaign": name, "last_message_at": NOW, "is_sending_recorded": is_sending_recorded, **counts, **rates}


def test_campaigns_have_the_shares_of_answers_that_are_published(publish: Publish) -> None:
    rows = [
        _campaign("Spring", 4, 2, 1, is_sending_recorded=True),
        _campaign("Fair", 2, 2, 1, is_sending_recorded=False),
    ]
    spring, fair = read_figures(publish(campaigns=rows)).sent_campaigns
    assert (spring.sent_count, spring.opened_share, spring.clicked_share) == (4, 0.5, 0.25)
    assert (fair.sent_count, fair.opened_share, fair.clicked_share) == (2, None, None)


def test_campaigns_and_what_no_campaign_led_to_add_up_to_all_credits(publish: Publish) -> None:
    names = [None, *(f"campaign {n}" for n in range(CAMPAIGNS_SHOWN + 3))]
    rows = [
        {"order_id": f"o{n}", "channel": "web", "campaign": name, "rule": rule, "credited_amount": n + 0.25}
        for n, name in enumerate(names)
        for rule in ("first", "last")
    ]
    credit = credits_by_rule(read_figures(publish(journey_attribution=rows)).campaign_credits, "last")
    assert (len(credit.shown), credit.other_count) == (CAMPAIGNS_SHOWN, 3)
    added = sum(found.amount for found in credit.shown) + credit.other_amount + credit.without_amount
    assert added == Decimal(str(sum(n + 0.25 for n in range(len(names)))))


def test_a_cohort_counts_who_ordered_again_among_all_and_only_when_the_months_have_passed(publish: Publish) -> None:
    orders = [
        _order(1, "2026-03-02", profile_id="once"),
        _order(2, "2026-03-31", profile_id="soon"),
        _order(3, "2026-04-05", profile_id="soon"),
        _order(4, "2026-03-01", profile_id="later"),
        _order(5, "2026-05-30", profile_id="later"),
        _order(6, "2026-03-01", profile_id="visitor"),
        _order(7, "2026-03-05", profile_id="subscriber"),
        _order(8, "2026-04-01", profile_id="subscriber", is_renewal=True),
        _order(9, "2026-06-10", profile_id="young"),
    ]
    people = {str(order["profile_id"]) for order in orders}
    release = publish(orders=orders, profiles=[_profile(who, is_anonymous=who == "visitor") for who in sorted(people)])
    (march,) = read_figures(release).cohorts
    assert (march.month, march.customer_count) == (date(2026, 3, 1), 4)
    assert march.again_counts == [1, 1, None, None, None]  # within 3 months ends in July for some of them
    assert cohorts.MONTHS_LATER == (1, 2, 3, 6, 12)
    assert (march.share(0), march.share(2), march.is_small_sample) == (0.25, None, True)


def test_reach_is_by_channel_purpose_and_address(publish: Publish) -> None:
    consent = {"profile_id": "p", "purpose": "marketing", "state": "granted", "is_contactable": True}
    found = read_figures(
        publish(
            profiles=[_profile("p"), _profile("q"), _profile("visitor", is_anonymous=True)],
            profile_identifiers=[
                {"profile_id": "p", "identifier_type": "email", "is_primary": True, "is_shared": False},
                {"profile_id": "q", "identifier_type": "phone", "is_primary": True, "is_shared": False},
                {"profile_id": "q", "identifier_type": "email", "is_primary": True, "is_shared": True},
            ],
            profile_attributes=[{"profile_id": "q", "attribute": "address_line", "is_golden": True}],
            profile_consents=[
                {**consent, "channel": "email"},
                {**consent, "channel": "email", "profile_id": "visitor"},
                {**consent, "channel": "push", "is_contactable": False},
                {**consent, "channel": "call", "profile_id": "q", "state": "refused", "is_contactable": False},
                {
                    **consent,
                    "channel": "post",
                    "profile_id": "q",
                    "purpose": "service",
                    "state": "refused",
                    "is_contactable": False,
                },
            ],
        )
    ).reach
    may = {(way.channel, way.purpose): way.contactable_count for way in found}
    assert [may[channel, "marketing"] for channel in reach.CHANNELS] == [1, 0, 0, 0, 0, 0]
    assert [may[channel, "service"] for channel in reach.SERVICE_CHANNELS] == [1, 1, 1, 0, 0]
    assert ("ads", "service") not in may
    addresses = {way.channel: way.address_count for way in found if way.purpose == "marketing"}
    assert addresses == {"email": 1, "sms": 1, "call": 1, "post": 1, "push": 0, "ads": 2}
    assert [(way.granted_count, way.refused_count) for way in found if way.channel == "call"] == [(0, 1), (0, 0)]


def test_the_credit_of_every_rule_stands_above_the_line_that_it_adds_up_to(publish: Publish) -> None:
    lines = [
        ("revenue_of_profiles", None, 95),
        ("renewals", "attributed", -5),
        ("attributed", "revenue_of_profiles", 90),
    ]
    release = publish(
        journey_attribution=[
            {"order_id": "o", "channel": channel, "rule": rule, "credited_amount": amount, "is_fallback": amount == 30}
            for rule in journeys.RULES
            for channel, amount in (("email", 60), ("store_walk_in", 30))
        ],
        revenue_reconciliation=[
            {"line_no": n, "line": line, "belongs_to": belongs_to, "is_total": n != 1, "amount": amount, "row_count": 1}
            for n, (line, belongs_to, amount) in enumerate(lines)
        ],
    )
    page = render_page(read_figures(release), Page(attribution_window_days=attribution_window_days()))
    note = " ".join(re.sub(r"<[^>]*>", "", page[page.index("How credit is given") :]).split())
    assert "in the 90 days before it" in note
    assert "revenue of profiles 95.00, renewals of subscriptions -5.00, which makes 90.00." in note
    assert page.count("no visit led to it") == len(journeys.RULES)


def test_the_companys_name_heads_the_page(
    publish: Publish, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    publish()
    monkeypatch.setenv("CDP_HOME", str(settings.home))
    monkeypatch.setenv("CDP_COMPANY_NAME", " Fox &  Söhne <b>")
    page = write_report(Settings.from_environment(), written_at=NOW.replace(tzinfo=UTC)).file.read_text(
        encoding="utf-8"
    )
    assert "<title>Fox &amp; Söhne &lt;b&gt;: customers at a glance</title>" in page
    assert ">Fox &amp; Söhne &lt;b&gt;</span>: customers at a glance</h1>" in page
    monkeypatch.setenv("CDP_COMPANY_NAME", " ")
    page = write_report(Settings.from_environment()).file.read_text(encoding="utf-8")
    assert "<h1>Customers at a glance</h1>" in page
