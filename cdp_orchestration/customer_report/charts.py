"""Figures as inline SVG: each has a title, colours come from the page's style."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from cdp_orchestration.customer_report import marks
from cdp_orchestration.customer_report.journeys import BEGINNING, ENDINGS, StageFlow
from cdp_orchestration.customer_report.sankey import Flow, Layout, Node, Ribbon, lay_out
from cdp_orchestration.customer_report.words import count, in_order, words
from expectations.known_values import STAGES

_NODE, _HEAD = 10, 34
_WEEKS_APART = timedelta(days=14)  # between two points of a trend that are still one line


@dataclass(frozen=True)
class _Frame:
    """Where the two columns of a diagram stand: with labels outside on a wide page, inside on a narrow one."""

    name: str
    width: int
    height: int
    gap: int
    left: int
    right: int
    has_labels_inside: bool


# The longest label, "Ended without a purchase" with millions, needs 270 outside.
WIDE = _Frame("broad", 860, 460, 18, 150, 580, has_labels_inside=False)
NARROW = _Frame("narrow", 350, 520, 22, 0, 340, has_labels_inside=True)


def journey_sankey(flows: Sequence[StageFlow], frame: _Frame) -> Markup:
    """Return the diagram from each stage to the next one; the ends of journeys are in colour."""
    drawn = [Flow(flow.source, flow.target, flow.count) for flow in flows]
    sources = in_order({flow.source for flow in drawn}, (BEGINNING, *STAGES))
    targets = in_order({flow.target for flow in drawn}, (*STAGES, *ENDINGS))
    layout = lay_out(drawn, sources, targets, height=frame.height, gap=frame.gap)
    return Markup(
        '<svg class="sankey {name}" viewBox="0 0 {width} {height}" role="img" aria-labelledby="sankey-{name}">'
        '<title id="sankey-{name}">From each stage of the journey to the next one; the table has the numbers</title>'
        '<text class="head" x="{left}" y="14" text-anchor="{anchor}">From</text>'
        '<text class="head" x="{right}" y="14" text-anchor="{other}">To next</text>'
        '<g transform="translate(0 {head})">{drawn}</g></svg>'
    ).format(
        name=frame.name,
        width=frame.width,
        height=frame.height + _HEAD + 8,
        left=frame.left if frame.has_labels_inside else frame.left + _NODE,
        right=frame.right + _NODE if frame.has_labels_inside else frame.right,
        anchor="start" if frame.has_labels_inside else "end",
        other="end" if frame.has_labels_inside else "start",
        head=_HEAD,
        drawn=_drawn(layout, frame),
    )


def _drawn(layout: Layout, frame: _Frame) -> Markup:
    # The coloured ribbons are drawn above the others, the labels above all.
    ribbons = sorted(layout.ribbons, key=lambda ribbon: _kind(ribbon.flow.target) != "plain")
    return Markup("").join(
        [
            *(_ribbon(ribbon, frame) for ribbon in ribbons),
            *(_node(node, frame, is_source=True) for node in layout.sources),
            *(_node(node, frame, is_source=False) for node in layout.targets),
        ]
    )


def _ribbon(ribbon: Ribbon, frame: _Frame) -> Markup:
    start, end = frame.left + _NODE, frame.right
    middle = (start + end) / 2
    top, there, thick = ribbon.source_top, ribbon.target_top, ribbon.thickness
    flow = ribbon.flow
    return Markup(
        '<path class="ribbon {kind}" d="M{start} {a:.1f} C{middle} {a:.1f} {middle} {b:.1f} {end} {b:.1f} '
        'V{c:.1f} C{middle} {c:.1f} {middle} {d:.1f} {start} {d:.1f} Z"><title{mark}>{title}</title></path>'
    ).format(
        kind=_kind(flow.target),
        start=start,
        middle=middle,
        end=end,
        a=top,
        b=there,
        c=there + thick,
        d=top + thick,
        mark=marks.attributes("flow.count", flow.value, flow.source, flow.target),
        title=f"{words(flow.source)} → {words(flow.target)}: {count(flow.value)}",
    )


def _node(node: Node, frame: _Frame, *, is_source: bool) -> Markup:
    x = frame.left if is_source else frame.right
    is_label_left = is_source != frame.has_labels_inside
    return Markup(
        '<rect class="node {kind}" x="{x}" y="{y:.1f}" width="{width}" height="{height:.1f}"/>'
        '<text x="{text_x}" y="{middle:.1f}" text-anchor="{anchor}" dominant-baseline="middle">{name} '
        '<tspan class="value"{mark}>{value}</tspan></text>'
    ).format(
        kind=_kind(node.name),
        x=x,
        y=node.top,
        width=_NODE,
        height=max(node.height, 1),
        text_x=x - 8 if is_label_left else x + _NODE + 8,
        middle=node.middle,
        anchor="end" if is_label_left else "start",
        name=words(node.name),
        mark=marks.attributes("flow.from" if is_source else "flow.to", node.value, node.name),
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
