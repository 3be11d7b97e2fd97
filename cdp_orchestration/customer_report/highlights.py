"""Highlights as sentences: each follows from the figures by a rule."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from cdp_orchestration.customer_report import marks
from cdp_orchestration.customer_report.figures import Figures
from cdp_orchestration.customer_report.scorecard import Metric
from cdp_orchestration.customer_report.words import part_of, plural, words


@dataclass(frozen=True)
class Highlight:
    """One sentence with its headline, and the section with the details."""

    headline: Markup
    sentence: Markup
    section: str


def highlights(figures: Figures) -> list[Highlight]:
    """Return the highlights, in the order of the page; a rule whose figures are missing gives none."""
    rules = (_joined, _changes, _losses, _negative_feedback, _at_risk, _moments)
    return [highlight for rule in rules for highlight in rule(figures)]


def _joined(figures: Figures) -> Iterator[Highlight]:
    joined, named = figures.customer_counts.joined_count, figures.customer_counts.named_count
    if named:
        yield Highlight(
            Markup("{} of named customers are joined across silos").format(
                marks.share("customers.joined_share", part_of(joined, named))
            ),
            Markup("{} of {} are known to two or more sources.").format(
                marks.number("customers.joined", joined), marks.number("customers.named", named)
            ),
            "identity",
        )


def _changes(figures: Figures) -> Iterator[Highlight]:
    for kind in ("worse", "better"):
        changed = [metric for metric in figures.metrics if metric.change == kind]
        if changed:
            changes = Markup("; ").join(_change(metric, figures.revenue.currency) for metric in changed)
            yield Highlight(
                Markup("{} {} clearly {}").format(
                    marks.number("metrics.changed", len(changed), kind), plural(len(changed), "score"), kind
                ),
                Markup("{}.").format(changes),
                "scorecard",
            )
    compared = [metric for metric in figures.metrics if metric.change in ("better", "worse", "unclear")]
    if compared and all(metric.change == "unclear" for metric in compared):
        yield Highlight(
            Markup("No score changed clearly"),
            Markup("{} scores stayed within their margin of error.").format(
                marks.number("metrics.changed", len(compared), "unclear")
            ),
            "scorecard",
        )


def _change(metric: Metric, currency: str | None) -> Markup:
    of = (metric.function, metric.metric)
    return Markup("{} ({}) from {} to {}").format(
        words(metric.metric),
        words(metric.function).lower(),
        marks.measured("metric.former", metric.previous_value, metric.metric, metric.unit, currency, *of),
        marks.measured("metric.value", metric.value, metric.metric, metric.unit, currency, *of),
    )


def _losses(figures: Figures) -> Iterator[Highlight]:
    if figures.losses:
        worst = figures.losses[0]
        of = (worst.stage, worst.channel)
        yield Highlight(
            Markup("Most journeys are lost at: {}, {}").format(words(worst.stage), words(worst.channel).lower()),
            Markup("{} {} ended there without a purchase, {} of all that reached it.").format(
                marks.number("loss.lost", worst.lost_count, *of),
                plural(worst.lost_count, "journey"),
                marks.share("loss.share", worst.rate, *of),
            ),
            "journey",
        )


def _negative_feedback(figures: Figures) -> Iterator[Highlight]:
    reliable = [point for point in figures.pain_points if point.negative_count and not point.is_small_sample]
    if reliable:
        worst = reliable[0]
        yield Highlight(
            Markup("Most negative feedback: {}").format(words(worst.touchpoint_type)),
            Markup("{} of {} with feedback were rated badly ({}).").format(
                marks.number("pain.negative", worst.negative_count, worst.touchpoint_type),
                marks.number("pain.feedback", worst.feedback_count, worst.touchpoint_type),
                marks.share("pain.share", worst.negative_share, worst.touchpoint_type),
            ),
            "act",
        )


def _at_risk(figures: Figures) -> Iterator[Highlight]:
    leaving = [segment for segment in figures.segments if segment.segment in ("at_risk", "cannot_lose")]
    customers = sum(segment.profile_count for segment in leaving)
    if customers:
        amount = sum((segment.revenue_amount for segment in leaving), Decimal("0.00"))
        yield Highlight(
            Markup("{} {} may be leaving").format(
                marks.number("segments.leaving", customers), plural(customers, "good customer")
            ),
            Markup("They are {} of the revenue of profiles, and their last purchase is long ago.").format(
                marks.money("segments.leaving_revenue", amount, figures.revenue.currency)
            ),
            "segments",
        )


def _moments(figures: Figures) -> Iterator[Highlight]:
    waiting = sum(moment.open_count for moment in figures.moments)
    if waiting:
        yield Highlight(
            Markup("{} {} to act on now").format(marks.number("moments.open", waiting), plural(waiting, "moment")),
            Markup("For {} of them the customer may be contacted and can be reached.").format(
                marks.number("moments.contactable", sum(moment.contactable_count for moment in figures.moments))
            ),
            "moments",
        )
