"""Figures as inline SVG: each has a title and a description, colours come from the page's style."""

from collections.abc import Sequence
from datetime import date, timedelta

from markupsafe import Markup

from cdp_orchestration.customer_report.journeys import ENDINGS, StageFlow
from cdp_orchestration.customer_report.sankey import Flow, Layout, Node, Ribbon, fold_small, lay_out
from cdp_orchestration.customer_report.words import count, in_order, part_of, percent, words
from expectations.known_values import STAGES

_OTHER_STEPS = "other_steps"
_MIN_FLOW_SHARE = 0.006  # of all flows; thinner ribbons cannot be distinguished
_WIDTH, _HEIGHT, _GAP, _HEAD = 860, 460, 18, 34
_LEFT, _RIGHT, _NODE = 150, 580, 10  # the longest label, "Ended without a purchase" with millions, needs 270
_WEEKS_APART = timedelta(days=14)  # between two points of a trend that are still one line


def journey_sankey(flows: Sequence[StageFlow]) -> Markup:
    """Return the diagram from each stage to the next one; the ends of journeys are in colour."""
    folded = fold_small((Flow(flow.source, flow.target, flow.count) for flow in flows), _MIN_FLOW_SHARE, _OTHER_STEPS)
    sources = in_order({flow.source for flow in folded}, STAGES)
    targets = in_order({flow.target for flow in folded}, (*STAGES, _OTHER_STEPS, *ENDINGS))
    layout = lay_out(folded, sources, targets, height=_HEIGHT, gap=_GAP)
    return Markup(
        '<svg class="sankey" viewBox="0 0 {width} {height}" role="img" aria-labelledby="sankey-title sankey-text">'
        '<title id="sankey-title">From each stage of the journey to the next one</title>'
        '<desc id="sankey-text">{description}</desc>'
        '<text class="head" x="{left}" y="14" text-anchor="end">From stage</text>'
        '<text class="head" x="{right}" y="14">To next stage</text>'
        '<g transform="translate(0 {head})">{drawn}</g></svg>'
    ).format(
        width=_WIDTH,
        height=_HEIGHT + _HEAD + 8,
        description=_description(layout),
        left=_LEFT + _NODE,
        right=_RIGHT,
        head=_HEAD,
        drawn=_drawn(layout),
    )


def _description(layout: Layout) -> str:
    total = sum(node.value for node in layout.sources)
    return "; ".join(f"{words(n.name)}: {count(n.value)} ({percent(part_of(n.value, total))})" for n in layout.targets)


def _drawn(layout: Layout) -> Markup:
    totals = {node.name: node.value for node in layout.sources}
    return Markup("").join(
        [
            # The coloured ribbons are drawn last, above the others.
            *(
                _ribbon(ribbon, totals[ribbon.flow.source])
                for ribbon in sorted(layout.ribbons, key=lambda ribbon: _kind(ribbon.flow.target) != "plain")
            ),
            *(_node(node, _LEFT, _LEFT - 8, "end") for node in layout.sources),
            *(_node(node, _RIGHT, _RIGHT + _NODE + 8, "start") for node in layout.targets),
        ]
    )


def _ribbon(ribbon: Ribbon, source_total: int) -> Markup:
    start, end = _LEFT + _NODE, _RIGHT
    middle = (start + end) / 2
    top, there, thick = ribbon.source_top, ribbon.target_top, ribbon.thickness
    flow = ribbon.flow
    return Markup(
        '<path class="ribbon {kind}" d="M{start} {a:.1f} C{middle} {a:.1f} {middle} {b:.1f} {end} {b:.1f} '
        'V{c:.1f} C{middle} {c:.1f} {middle} {d:.1f} {start} {d:.1f} Z"><title>{title}</title></path>'
    ).format(
        kind=_kind(flow.target),
        start=start,
        middle=middle,
        end=end,
        a=top,
        b=there,
        c=there + thick,
        d=top + thick,
        title=f"{words(flow.source)} → {words(flow.target)}: {count(flow.value)} "
        f"({percent(part_of(flow.value, source_total))} of {words(flow.source).lower()})",
    )


def _node(node: Node, x: float, text_x: float, anchor: str) -> Markup:
    return Markup(
        '<rect class="node {kind}" x="{x}" y="{y:.1f}" width="{width}" height="{height:.1f}"/>'
        '<text x="{text_x}" y="{middle:.1f}" text-anchor="{anchor}" dominant-baseline="middle">{name} '
        '<tspan class="value">{value}</tspan></text>'
    ).format(
        kind=_kind(node.name),
        x=x,
        y=node.top,
        width=_NODE,
        height=max(node.height, 1),
        text_x=text_x,
        middle=node.middle,
        anchor=anchor,
        name=words(node.name),
        value=count(node.value),
    )


def _kind(name: str) -> str:
    return {"ended_without_buying": "lost", "ended_after_buying": "won"}.get(name, "plain")


def trend_line(points: Sequence[tuple[date, float]], title: str) -> Markup:
    """Return a small line chart of a metric over time; a gap of more than two weeks interrupts the line.

    Args:
        points: day and value, the oldest first; fewer than two give no line.
        title: what the line shows, for screen readers.

    Returns:
        An SVG element, or an empty text where there is no line.
    """
    if len(points) < 2:
        return Markup("")
    width, height, edge = 110, 26, 3
    days = [(when - points[0][0]).days for when, _ in points]
    lowest, highest = min(value for _, value in points), max(value for _, value in points)
    across = (width - 2 * edge) / (days[-1] or 1)
    up = (height - 2 * edge) / ((highest - lowest) or 1)
    places = [
        (edge + since * across, height - edge - (value - lowest) * up)
        for since, (_, value) in zip(days, points, strict=True)
    ]
    steps = [
        f"{'M' if number == 0 or when - points[number - 1][0] > _WEEKS_APART else 'L'}{x:.1f} {y:.1f}"
        for number, ((when, _), (x, y)) in enumerate(zip(points, places, strict=True))
    ]
    return Markup(
        '<svg class="trend" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">'
        '<title>{title}</title><path d="{path}"/><circle cx="{x:.1f}" cy="{y:.1f}" r="2.5"/></svg>'
    ).format(width=width, height=height, title=title, path=" ".join(steps), x=places[-1][0], y=places[-1][1])


def interval_bar(value: float, interval: tuple[float, float], title: str) -> Markup:
    """Return a share as a dot on a line of 0 to 1, with its interval as a bar."""
    width, height = 160, 16
    low, high = (edge * width for edge in interval)
    return Markup(
        '<svg class="interval" viewBox="-4 0 {wide} {height}" width="{wide}" height="{height}" role="img">'
        '<title>{title}</title><line x1="0" x2="{width}" y1="8" y2="8"/>'
        '<rect x="{low:.1f}" y="5" width="{span:.1f}" height="6" rx="3"/><circle cx="{dot:.1f}" cy="8" r="4"/></svg>'
    ).format(
        wide=width + 8, height=height, width=width, title=title, low=low, span=max(high - low, 1), dot=value * width
    )
