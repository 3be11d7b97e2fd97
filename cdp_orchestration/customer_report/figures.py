"""All figures of the report, read from one release."""

from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from cdp_orchestration.customer_report import customers, experience, headlines, identity_health, journeys, scorecard
from cdp_orchestration.release.reader import Release


@dataclass(frozen=True)
class Figures:
    """All figures of the report; every field is counted from the tables of one release."""

    release_id: str
    created_at: datetime
    as_of_on: date | None
    customer_counts: headlines.Customers
    revenue: headlines.Revenue
    scores: tuple[headlines.Score, ...]
    metrics: tuple[scorecard.Metric, ...]
    trends: tuple[scorecard.TrendPoint, ...]
    journey_counts: journeys.JourneyCounts
    flows: tuple[journeys.StageFlow, ...]
    losses: tuple[journeys.Loss, ...]
    channels: tuple[journeys.ChannelMix, ...]
    segments: tuple[customers.Segment, ...]
    personas: tuple[customers.Persona, ...]
    audiences: tuple[customers.Audience, ...]
    moments: tuple[customers.Moment, ...]
    identity: identity_health.IdentityHealth
    heat: tuple[experience.HeatCell, ...]
    pain_points: tuple[experience.PainPoint, ...]
    effort: tuple[experience.EffortSpent, ...]


def read_figures(release: Release) -> Figures:
    """Count all figures of the report."""
    with release.connect() as connection:
        return _read(connection, release)


def _read(connection: duckdb.DuckDBPyConnection, release: Release) -> Figures:
    return Figures(
        release_id=release.release_id,
        created_at=datetime.fromisoformat(release.manifest["created_at"]),
        as_of_on=headlines.read_as_of(connection),
        customer_counts=headlines.read_customers(connection),
        revenue=headlines.read_revenue(connection),
        scores=headlines.read_scores(connection),
        metrics=scorecard.read_scorecard(connection),
        trends=scorecard.read_trends(connection),
        journey_counts=journeys.read_journey_counts(connection),
        flows=journeys.read_flows(connection),
        losses=journeys.read_losses(connection),
        channels=journeys.read_channels(connection),
        segments=customers.read_segments(connection),
        personas=customers.read_personas(connection),
        audiences=customers.read_audiences(connection),
        moments=customers.read_moments(connection),
        identity=identity_health.read_identity_health(connection, str(release.manifest["run_id"])),
        heat=experience.read_heat(connection),
        pain_points=experience.read_pain_points(connection),
        effort=experience.read_effort(connection),
    )
