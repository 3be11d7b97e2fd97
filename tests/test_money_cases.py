"""What real shops deliver about money, from the file to the release: tests, edits, refunds, gift cards, renewals."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from delivered_cases import deliver_cases
from release_comparison import release_of

pytestmark = pytest.mark.slow

Row = tuple[Any, ...]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory, cdp: Callable[..., Any]) -> Callable[[str], list[Row]]:
    """Ask the release of a home that received all cases of money."""
    home = tmp_path_factory.mktemp("money") / "home"
    ingest = [f"ingest/{number}" for number in ("03", "05", "11", "12", "18")]
    deliver_cases(home, *ingest, *[f"identity/{number}" for number in ("24", "25", "27")])
    result = cdp(home, "sync")
    assert result.returncode == 0, result.stdout + result.stderr
    release = release_of(home).connect()
    return lambda query: release.execute(query).fetchall()


def _of_customer(customer: str, columns: str) -> str:
    return (
        f"select {columns} from profile_metrics join profile_records using (profile_id) "
        f"where person_record_id = 'ecommerce:customer:{customer}'"
    )


@pytest.mark.parametrize(
    ("customer", "revenue", "orders"),
    [
        pytest.param("7301001", "25.00", 1, id="an order that tries the shop"),
        pytest.param("7305001", "0.00", 1, id="a refund that was paid in another currency"),
        pytest.param("7311001", "50.00", 2, id="a gift card that is bought and spent"),
        pytest.param("7312001", "40.00", 1, id="a payment that was voided"),
        pytest.param("7318001", "70.00", 1, id="an order that was edited"),
        pytest.param("6299000002401", "40.00", 1, id="test, voided and unpaid orders"),
        pytest.param("6299000002501", "0.00", 1, id="a refund ten weeks later"),
        pytest.param("6299000002701", "125.00", 5, id="a subscription with four renewals"),
    ],
)
def test_what_is_no_revenue_counts_nowhere(ask: Callable[[str], list[Row]], customer, revenue, orders) -> None:
    assert ask(_of_customer(customer, "revenue_amount, order_count")) == [(Decimal(revenue), orders)]


def test_a_refund_ten_weeks_later_takes_the_credit_of_the_campaign(ask: Callable[[str], list[Row]]) -> None:
    credited = ask(
        "select rule, channel, campaign, credited_amount, is_fallback from journey_attribution "
        "where order_id = 'ecommerce:order:5499000002501' order by rule"
    )
    assert {row[0] for row in credited} == {"first", "last", "linear", "position"}
    assert {row[1:] for row in credited} == {("paid_media", "winter_sale", Decimal(0), False)}
    assert ask(
        "select occurred_at::date::varchar, amount from touchpoints "
        "where touchpoint_id = 'ecommerce:refund:5499000002501:99025'"
    ) == [("2026-04-20", Decimal(-300))]


def test_a_renewal_is_a_touchpoint_without_conversion_or_credit(ask: Callable[[str], list[Row]]) -> None:
    renewals = "'ecommerce:order:5499000002702', 'ecommerce:order:5499000002705'"
    assert ask(
        "select distinct touchpoint_type, is_renewal, is_goal, amount from touchpoints "
        f"where touchpoint_id in ({renewals})"
    ) == [("subscription_renewal", True, False, Decimal(25))]
    assert ask(f"select count(*) from journey_attribution where order_id in ({renewals})") == [(0,)]
    assert ask(
        "select distinct channel, campaign, credited_amount from journey_attribution "
        "where order_id = 'ecommerce:order:5499000002701'"
    ) == [("paid_media", "coffee_club", Decimal(25))]
    assert ask("select line, amount from revenue_reconciliation where line = 'renewals'") == [
        ("renewals", Decimal(-100))
    ]


def test_the_parts_lead_from_all_orders_to_what_channels_are_credited_with(ask: Callable[[str], list[Row]]) -> None:
    lines = dict(ask("select line, amount from revenue_reconciliation"))
    assert lines["test_orders"] == -(999 + 9000)
    assert lines["voided_orders"] == -(300 + 700)
    assert lines["unpaid_orders"] == -80
    assert lines["edits"] == -30
    assert lines["gift_cards"] == -50
    assert lines["refunds"] == -(60 + 300)
    assert lines["revenue"] == 25 + 0 + 50 + 40 + 70 + 40 + 0 + 125
    assert lines["revenue_of_profiles"] == lines["revenue"] + lines["without_profile"]
    assert lines["attributed"] == lines["revenue_of_profiles"] + lines["renewals"]
