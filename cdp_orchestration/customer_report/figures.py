"""All figures of the report, read from one release."""

from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from cdp_orchestration.customer_report import (
    campaigns,
    cohorts,
    customers,
    experience,
    freshness,
    headlines,
    identity_health,
    journeys,
    reach,
    revenue,
    scorecard,
)
from cdp_orchestration.release.reader import Release


@dataclass(frozen=True)
class Figures:
    """All figures of the report; every field is counted from the tables of one release."""

    release_id: str
    freshness: freshness.Freshness
    customer_counts: headlines.Customers
    revenue: revenue.Revenue
    scores: tuple[headlines.Score, ...]
    metrics: tuple[scorecard.Metric, ...]
    trends: tuple[scorecard.TrendPoint, ...]
    journey_counts: journeys.JourneyCounts
    carts: journeys.Carts
    flows: tuple[journeys.StageFlow, ...]
    losses: tuple[journeys.Loss, ...]
    channels: tuple[journeys.ChannelMix, ...]
    sent_campaigns: tuple[campaigns.SentCampaign, ...]
    campaign_credits: tuple[campaigns.CampaignCredit, ...]
    cohorts: tuple[cohorts.Cohort, ...]
    reach: tuple[reach.ChannelReach, ...]
    segments: tuple[customers.Segment, ...]
    personas: tuple[customers.Persona, ...]
    audiences: tuple[customers.Audience, ...]
    moments: tuple[customers.Moment, ...]
    identity: identity_health.IdentityHealth
    heat: tuple[experience.HeatCell, ...]
    pain_points: tuple[experience.PainPoint, ...]
    effort: tuple[experience.EffortSpent, ...]


def read_figures(release: Release, written_at: datetime | None = None) -> Figures:
    """Count all figures of the report.

    Args:
        release: the release to read.
        written_at: when the report is written, with a zone; now by default.

    Returns:
        The figures.
    """
    with release.connect() as connection:
        return _read(connection, release, written_at or datetime.now(UTC))


def _read(connection: duckdb.DuckDBPyConnection, release: Release, written_at: datetime) -> Figures:
    how_new = freshness.read_freshness(connection, written_at)
    return Figures(
        release_id=release.release_id,
        freshness=how_new,
        customer_counts=headlines.read_customers(connection),
        revenue=revenue.read_revenue(connection, how_new.as_of_on),
        scores=headlines.read_scores(connection),
        metrics=scorecard.read_scorecard(connection),
        trends=scorecard.read_trends(connection),
        journey_counts=journeys.read_journey_counts(connection),
        carts=journeys.read_carts(connection),
        flows=journeys.read_flows(connection),
        losses=journeys.read_losses(connection),
        channels=journeys.read_channels(connection),
        sent_campaigns=campaigns.read_sent(connection),
        campaign_credits=campaigns.read_credits(connection),
        cohorts=cohorts.read_cohorts(connection),
        reach=reach.read_reach(connection),
        segments=customers.read_segments(connection),
        personas=customers.read_personas(connection),
        audiences=customers.read_audiences(connection),
        moments=customers.read_moments(connection),
        identity=identity_health.read_identity_health(connection, str(release.manifest["run_id"])),
        heat=experience.read_heat(connection),
        pain_points=experience.read_pain_points(connection),
        effort=experience.read_effort(connection),
    )
