"""What stands out, as sentences: each follows from the figures by a rule, none is written by hand."""

from collections.abc import Iterator
from dataclasses import dataclass

from cdp_orchestration.customer_report.figures import Figures
from cdp_orchestration.customer_report.scorecard import Metric
from cdp_orchestration.customer_report.words import count, counted, measured, money, part_of, percent, words


@dataclass(frozen=True)
class Highlight:
    """One sentence with its headline, and the section that tells more."""

    headline: str
    sentence: str
    section: str


def highlights(figures: Figures) -> list[Highlight]:
    """Return what stands out, in the order of the page; a rule whose figures are missing tells nothing."""
    rules = (_silos, _changes, _losses, _pain, _at_risk, _moments)
    return [highlight for rule in rules for highlight in rule(figures)]


def _silos(figures: Figures) -> Iterator[Highlight]:
    told = figures.customer_counts
    if told.named_count:
        yield Highlight(
            f"{percent(part_of(told.joined_count, told.named_count))} of named customers are joined across silos",
            f"Two or more sources know {count(told.joined_count)} of {count(told.named_count)}.",
            "identity",
        )


def _changes(figures: Figures) -> Iterator[Highlight]:
    for kind in ("worse", "better"):
        changed = [metric for metric in figures.metrics if metric.change == kind]
        if changed:
            named = "; ".join(_change(metric, figures.revenue.currency) for metric in changed)
            yield Highlight(f"{counted(len(changed), 'score')} clearly {kind}", f"{named}.", "scorecard")
    compared = [metric for metric in figures.metrics if metric.change in ("better", "worse", "unclear")]
    if compared and all(metric.change == "unclear" for metric in compared):
        yield Highlight(
            "No score moved clearly", f"{len(compared)} scores stayed within their margin of error.", "scorecard"
        )


def _change(metric: Metric, currency: str | None) -> str:
    return (
        f"{words(metric.metric)} ({words(metric.function).lower()}) from "
        f"{measured(metric.previous_value, metric.metric, metric.unit, currency)} to "
        f"{measured(metric.value, metric.metric, metric.unit, currency)}"
    )


def _losses(figures: Figures) -> Iterator[Highlight]:
    if figures.losses:
        worst = figures.losses[0]
        yield Highlight(
            f"Most journeys are lost here: {words(worst.stage)}, {words(worst.channel).lower()}",
            f"{counted(worst.lost_count, 'journey')} ended there without buying, {percent(worst.rate)} of those that "
            "came there.",
            "journey",
        )


def _pain(figures: Figures) -> Iterator[Highlight]:
    sure = [point for point in figures.pain_points if point.hurt_count and not point.is_small_sample]
    if sure:
        worst = sure[0]
        yield Highlight(
            f"What hurts most: {words(worst.touchpoint_type)}",
            f"Of {count(worst.told_count)} about which customers said anything, {count(worst.hurt_count)} were bad "
            f"({percent(worst.hurt_share)}).",
            "act",
        )


def _at_risk(figures: Figures) -> Iterator[Highlight]:
    leaving = [segment for segment in figures.segments if segment.segment in ("at_risk", "cannot_lose")]
    customers = sum(segment.profile_count for segment in leaving)
    if customers:
        amount = sum(segment.revenue_amount for segment in leaving)
        yield Highlight(
            f"{counted(customers, 'good customer')} may be leaving",
            f"They brought {money(amount, figures.revenue.currency)} and have not bought for long.",
            "segments",
        )


def _moments(figures: Figures) -> Iterator[Highlight]:
    waiting = sum(moment.open_count for moment in figures.moments)
    if waiting:
        reachable = sum(moment.contactable_count for moment in figures.moments)
        yield Highlight(
            f"{counted(waiting, 'moment')} to answer now",
            f"{count(reachable)} of them may be answered: the customer can be reached and has agreed.",
            "moments",
        )
