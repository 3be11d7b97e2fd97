"""Division of a component whose pairs contradict each other, independent of the order of its edges.

Components at the threshold are the first answer. A component with conflicts (a pair of its records that is evidence
against one person) is divided by correlation clustering (greedy additive edge contraction): starting from single
records, the two groups with the greatest summed weight between them are joined, as long as that sum is above zero.
"""

import heapq
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

# Beyond this many bits a pair is certain. Agreements of one record repeat each other (the same mailbox again), so a
# certain pair must not outvote one conflict: agreement has the lower bound.
_MAX_AGREEMENT, _MAX_CONFLICT = 3.0, 10.0


@dataclass(frozen=True)
class Division:
    """The clusters of one component, and why clusters that the evidence would join stayed apart.

    Attributes:
        clusters: each node with the smallest node of its cluster.
        kept_apart: (smallest node of one cluster, of the other) with the limit that joining them would break.
    """

    clusters: dict[int, int]
    kept_apart: dict[tuple[int, int], str]


def divide(
    nodes: Iterable[int],
    weights: Mapping[tuple[int, int], float],
    broken_limit: Callable[[Iterable[int]], str | None] = lambda _: None,
) -> Division:
    """Divide the nodes of one component into clusters, independent of their order; ties go to the smaller nodes.

    Args:
        nodes: the nodes of the component.
        weights: bits by pair (smaller node first): above zero for one cluster, below zero against it, -inf never.
        broken_limit: names the limit that a group of nodes breaks, None for no limit; such a group is never made.

    Returns:
        The clusters.
    """
    members = {node: [node] for node in nodes}
    between = _bounded(members, weights)
    pairs = ((left, right, weight) for left in between for right, weight in between[left].items() if left < right)
    queue = [(-weight, left, right) for left, right, weight in pairs if weight > 0]
    heapq.heapify(queue)
    over_limit: list[tuple[int, int, str]] = []
    while queue:
        negative, left, right = heapq.heappop(queue)
        if left not in between or between[left].get(right) != -negative:
            continue
        limit = broken_limit([*members[left], *members[right]])
        if limit is None:
            members[left] += members.pop(right)
            _contract(between, left, right, queue)
        else:
            over_limit.append((left, right, limit))
    clusters = {node: cluster for cluster, found in members.items() for node in found}
    return Division(clusters, _kept_apart(clusters, over_limit))


def _kept_apart(clusters: Mapping[int, int], over_limit: Iterable[tuple[int, int, str]]) -> dict[tuple[int, int], str]:
    # where two limits keep two clusters apart, the first one found is the reason
    apart: dict[tuple[int, int], str] = {}
    for left, right, limit in over_limit:
        one, other = clusters[left], clusters[right]
        apart.setdefault((min(one, other), max(one, other)), limit)
    return apart


def _bounded(nodes: Iterable[int], weights: Mapping[tuple[int, int], float]) -> dict[int, dict[int, float]]:
    between: dict[int, dict[int, float]] = {node: {} for node in nodes}
    for (left, right), weight in weights.items():
        bounded = weight if weight == -math.inf else max(-_MAX_CONFLICT, min(_MAX_AGREEMENT, weight))
        between[left][right] = between[right][left] = bounded
    return between


def _contract(
    between: dict[int, dict[int, float]], into: int, merged: int, queue: list[tuple[float, int, int]]
) -> None:
    for other, weight in sorted(between.pop(merged).items()):
        del between[other][merged]
        if other == into:
            continue
        # rounding makes the sum independent of the order in which it was added up
        total = round(between[into].get(other, 0.0) + weight, 4)
        between[into][other] = between[other][into] = total
        if total > 0:
            heapq.heappush(queue, (-total, min(into, other), max(into, other)))
