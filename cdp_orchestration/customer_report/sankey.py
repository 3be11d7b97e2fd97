"""Lay out a Sankey diagram of two columns: what flows from each source to each target, as rectangles and ribbons."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Flow:
    """So much goes from a source to a target."""

    source: str
    target: str
    value: int


@dataclass(frozen=True)
class Node:
    """One rectangle: where it stands in its column, and how much goes through it."""

    name: str
    top: float
    height: float
    value: int

    @property
    def middle(self) -> float:
        """The height at which its label stands."""
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


def fold_small(flows: Iterable[Flow], least_share: float, into: str) -> list[Flow]:
    """Return the flows, those below a share of everything gathered by source into one target.

    Args:
        flows: what flows.
        least_share: of the sum of all flows, 0 to 1; a smaller flow is gathered.
        into: the name of the target that gathers.
    """
    all_flows = list(flows)
    least = least_share * sum(flow.value for flow in all_flows)
    gathered: dict[tuple[str, str], int] = defaultdict(int)
    for flow in all_flows:
        gathered[flow.source, flow.target if flow.value >= least else into] += flow.value
    return [Flow(source, target, value) for (source, target), value in gathered.items()]


def lay_out(
    flows: Iterable[Flow], source_order: Sequence[str], target_order: Sequence[str], *, height: float, gap: float
) -> Layout:
    """Place nodes and ribbons in a column of the given height; both columns have one scale and are centred.

    Args:
        flows: what flows; those of 0 are left out.
        source_order, target_order: every source and target from top to bottom; those without a flow are left out.
        height: of the taller column, its gaps included.
        gap: between two nodes of a column.
    """
    drawn = [flow for flow in flows if flow.value > 0]
    totals_out, totals_in = _totals(drawn, source_order, target_order)
    total = sum(totals_out.values())
    most_nodes = max(len(totals_out), len(totals_in))
    scale = (height - gap * (most_nodes - 1)) / total if total else 0.0
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
    leaves = {name: node.top for name, node in sources.items()}
    comes = {name: node.top for name, node in targets.items()}
    ribbons = []
    # In the order of both columns, so that ribbons leave and come in the order of where they go and come from.
    for flow in sorted(flows, key=lambda flow: (source_places[flow.source], target_places[flow.target])):
        thickness = flow.value * scale
        ribbons.append(Ribbon(flow, leaves[flow.source], comes[flow.target], thickness))
        leaves[flow.source] += thickness
        comes[flow.target] += thickness
    return tuple(ribbons)
