"""Lay out a Sankey diagram of two columns: nodes as rectangles, flows from source to target as ribbons."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Flow:
    """A value that flows from a source to a target."""

    source: str
    target: str
    value: int


@dataclass(frozen=True)
class Node:
    """One rectangle: its position in its column, and the sum of its flows."""

    name: str
    top: float
    height: float
    value: int

    @property
    def middle(self) -> float:
        """The vertical position of its label."""
        return self.top + self.height / 2


@dataclass(frozen=True)
class Ribbon:
    """One flow, drawn from the right edge of its source to the left edge of its target."""

    flow: Flow
    source_top: float
    target_top: float
    thickness: float


@dataclass(frozen=True)
class Layout:
    """Both columns and the ribbons between them."""

    sources: tuple[Node, ...]
    targets: tuple[Node, ...]
    ribbons: tuple[Ribbon, ...]


def lay_out(
    flows: Iterable[Flow], source_order: Sequence[str], target_order: Sequence[str], *, height: float, gap: float
) -> Layout:
    """Place nodes and ribbons in a column of the given height; both columns have one scale and are centred.

    Args:
        flows: the flows; those of 0 are left out.
        source_order: every source from top to bottom; those without a flow are left out.
        target_order: every target from top to bottom; those without a flow are left out.
        height: of the taller column, its gaps included.
        gap: between two nodes of a column.

    Returns:
        The nodes of both columns and the ribbons between them, in the unit of ``height``.
    """
    drawn = [flow for flow in flows if flow.value > 0]
    totals_out, totals_in = _totals(drawn, source_order, target_order)
    total = sum(totals_out.values())
    node_count = max(len(totals_out), len(totals_in))
    scale = (height - gap * (node_count - 1)) / total if total else 0.0
    sources = _column(totals_out, scale, height, gap)
    targets = _column(totals_in, scale, height, gap)
    return Layout(tuple(sources.values()), tuple(targets.values()), _ribbons(drawn, sources, targets, scale))


def _totals(
    flows: list[Flow], source_order: Sequence[str], target_order: Sequence[str]
) -> tuple[dict[str, int], dict[str, int]]:
    outgoing = {name: sum(flow.value for flow in flows if flow.source == name) for name in source_order}
    incoming = {name: sum(flow.value for flow in flows if flow.target == name) for name in target_order}
    return (
        {name: value for name, value in outgoing.items() if value},
        {name: value for name, value in incoming.items() if value},
    )


def _column(totals: dict[str, int], scale: float, height: float, gap: float) -> dict[str, Node]:
    used = scale * sum(totals.values()) + gap * (len(totals) - 1)
    top, column = (height - used) / 2, {}
    for name, value in totals.items():
        column[name] = Node(name, top, value * scale, value)
        top += value * scale + gap
    return column


def _ribbons(flows: list[Flow], sources: dict[str, Node], targets: dict[str, Node], scale: float) -> tuple[Ribbon, ...]:
    source_places = {name: place for place, name in enumerate(sources)}
    target_places = {name: place for place, name in enumerate(targets)}
    outgoing_tops = {name: node.top for name, node in sources.items()}
    incoming_tops = {name: node.top for name, node in targets.items()}
    ribbons = []
    # In the order of both columns, so that ribbons of one node do not cross each other at its edge.
    for flow in sorted(flows, key=lambda flow: (source_places[flow.source], target_places[flow.target])):
        thickness = flow.value * scale
        ribbons.append(Ribbon(flow, outgoing_tops[flow.source], incoming_tops[flow.target], thickness))
        outgoing_tops[flow.source] += thickness
        incoming_tops[flow.target] += thickness
    return tuple(ribbons)
