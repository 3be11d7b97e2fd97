"""Highlights as sentences: each follows from the figures by a rule."""

from collections.abc import Iterator
from dataclasses import dataclass

from cdp_orchestration.customer_report.figures import Figures
from cdp_orchestration.customer_report.scorecard import Metric
from cdp_orchestration.customer_report.words import count, counted, measured, money, part_of, percent, words


@dataclass(frozen=True)
class Highlight:
    """One sentence with its headline, and the section with the details."""

    headline: str
    sentence: str
    section: str


def highlights(figures: Figures) -> list[Highlight]:
    """Return the highlights, in the order of the page; a rule whose figures are missing gives none."""
    rules = (_joined, _changes, _losses, _negative_feedback, _at_risk, _moments)
    return [highlight for rule in rules for highlight in rule(figures)]


def _joined(figures: Figures) -> Iterator[Highlight]:
    joined, named = figures.customer_counts.joined_count, figures.customer_counts.named_count
    if named:
        yield Highlight(
            f"{percent(part_of(joined, named))} of named customers are joined across silos",
            f"{count(joined)} of {count(named)} are known to two or more sources.",
            "identity",
        )


def _changes(figures: Figures) -> Iterator[Highlight]:
    for kind in ("worse", "better"):
        changed = [metric for metric in figures.metrics if metric.change == kind]
        if changed:
            changes = "; ".join(_change(metric, figures.revenue.currency) for metric in changed)
            yield Highlight(f"{counted(len(changed), 'score')} clearly {kind}", f"{changes}.", "scorecard")
    compared = [metric for metric in figures.metrics if metric.change in ("better", "worse", "unclear")]
    if compared and all(metric.change == "unclear" for metric in compared):
        yield Highlight(
            "No score changed clearly", f"{len(compared)} scores stayed within their margin of error.", "scorecard"
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
            f"Most journeys are lost at: {words(worst.stage)}, {words(worst.channel).lower()}",
            f"{counted(worst.lost_count, 'journey')} ended there without a purchase, {percent(worst.rate)} of "
            "those that reached it.",
            "journey",
        )


def _negative_feedback(figures: Figures) -> Iterator[Highlight]:
    reliable = [point for point in figures.pain_points if point.negative_count and not point.is_small_sample]
    if reliable:
        worst = reliable[0]
        yield Highlight(
            f"Most negative feedback: {words(worst.touchpoint_type)}",
            f"{count(worst.negative_count)} of {count(worst.feedback_count)} with feedback were rated badly "
            f"({percent(worst.negative_share)}).",
            "act",
        )


def _at_risk(figures: Figures) -> Iterator[Highlight]:
    leaving = [segment for segment in figures.segments if segment.segment in ("at_risk", "cannot_lose")]
    customers = sum(segment.profile_count for segment in leaving)
    if customers:
        amount = sum(segment.revenue_amount for segment in leaving)
        yield Highlight(
            f"{counted(customers, 'good customer')} may be leaving",
            f"Their revenue is {money(amount, figures.revenue.currency)}, and their last purchase is long ago.",
            "segments",
        )


def _moments(figures: Figures) -> Iterator[Highlight]:
    waiting = sum(moment.open_count for moment in figures.moments)
    if waiting:
        reachable = sum(moment.contactable_count for moment in figures.moments)
        yield Highlight(
            f"{counted(waiting, 'moment')} to act on now",
            f"For {count(reachable)} of them the customer may be contacted and can be reached.",
            "moments",
        )
