"""Campaigns: who they were sent to and who answered, and what they are credited with."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

from cdp_orchestration.customer_report.reading import day_of, read

CAMPAIGNS_SHOWN = 12


@dataclass(frozen=True)
class SentCampaign:
    """One campaign of the CRM: the messages that arrived, and what they were answered with."""

    campaign: str
    last_on: date
    sent_count: int  # what bounced is left out
    opened_count: int
    opened_share: float | None  # of all that arrived, 0 to 1; None where only answers were recorded
    clicked_count: int  # clicked or answered
    clicked_share: float | None
    unsubscribed_count: int


@dataclass(frozen=True)
class CampaignCredit:
    """What one attribution rule credits to a campaign; to none where ``campaign`` is None."""

    rule: str
    campaign: str | None
    order_count: int
    amount: Decimal


@dataclass(frozen=True)
class CampaignCredits:
    """The credit of one attribution rule by campaign: the largest, the sum of the others, and that of no campaign."""

    shown: tuple[CampaignCredit, ...]
    other_amount: Decimal
    other_count: int
    without_amount: Decimal


def read_sent(connection: duckdb.DuckDBPyConnection) -> tuple[SentCampaign, ...]:
    """Return the campaigns that were sent last, the newest first."""
    return read(
        connection,
        SentCampaign,
        f"""
        select
            campaign,
            {day_of("last_message_at")} as last_on,
            message_count,
            opened_count,
            open_rate,
            clicked_count,
            click_rate,
            unsubscribed_count
        from campaigns
        order by last_on desc, message_count desc, campaign
        limit {CAMPAIGNS_SHOWN}
        """,
    )


def read_credits(connection: duckdb.DuckDBPyConnection) -> tuple[CampaignCredit, ...]:
    """Return the credit of every rule and campaign, the largest first."""
    return read(
        connection,
        CampaignCredit,
        """
        select rule, campaign, count(distinct order_id), sum(credited_amount)::decimal(18, 2) as amount
        from journey_attribution
        group by rule, campaign
        order by amount desc, campaign nulls last, rule
        """,
    )


def credits_by_rule(rows: tuple[CampaignCredit, ...], rule: str) -> CampaignCredits:
    """Return the credit of one rule: the largest campaigns alone, the others summed."""
    nothing = Decimal("0.00")
    of_rule = [row for row in rows if row.rule == rule]
    named = [row for row in of_rule if row.campaign is not None]
    others = named[CAMPAIGNS_SHOWN:]
    return CampaignCredits(
        shown=tuple(named[:CAMPAIGNS_SHOWN]),
        other_amount=sum((row.amount for row in others), nothing),
        other_count=len(others),
        without_amount=sum((row.amount for row in of_rule if row.campaign is None), nothing),
    )
