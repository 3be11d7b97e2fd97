"""Edges to clusters, for the whole component at once and whatever the order of its edges.

Components at the threshold are the first answer. One that holds conflicts (a pair of its records that speaks against
one person) is divided: starting from single records, the two groups with the greatest summed weight between them are
joined, again and again, as long as that sum is above zero (greedy additive edge contraction, a correlation clustering).
"""

import heapq
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

# Beyond this many bits a pair is decided. Agreements of one record repeat each other (the same mailbox again), so a
# certain pair must not outvote one conflict: what speaks for one person is bounded sooner.
_MAX_AGREEMENT, _MAX_CONFLICT = 3.0, 10.0


@dataclass(frozen=True)
class Division:
    """Each node with the smallest node of its cluster, and why clusters that evidence would join stayed apart.

    kept_apart: (smallest node of one cluster, of the other) with the limit that joining them would break.
    """

    clusters: dict[int, int]
    kept_apart: dict[tuple[int, int], str]


def divide(
    nodes: Iterable[int],
    weights: Mapping[tuple[int, int], float],
    joined: Iterable[tuple[int, int]] = (),
    broken_limit: Callable[[Iterable[int]], str | None] = lambda _: None,
) -> Division:
    """Join the nodes of one component; weights by pair (smaller node first), positive to join, -inf never to.

    Pairs in `joined` are joined before all else. `broken_limit` names the limit that a group of nodes breaks: such a
    group is never made. Ties fall to the smaller nodes, so the answer depends on nodes and weights alone.
    """
    members = {node: [node] for node in nodes}
    between = _bounded(members, weights)
    queue: list[tuple[float, int, int]] = []
    for left, right in sorted(joined):
        kept, gone = sorted((_holder(members, left), _holder(members, right)))
        if kept != gone:
            members[kept] += members.pop(gone)
            _contract(between, kept, gone, queue)
    queue = [(-weight, left, right) for left in between for right, weight in between[left].items() if left < right]
    queue = [entry for entry in queue if entry[0] < 0]
    heapq.heapify(queue)
    refused: list[tuple[int, int, str]] = []
    while queue:
        negative, left, right = heapq.heappop(queue)
        if left not in between or between[left].get(right) != -negative:
            continue
        limit = broken_limit([*members[left], *members[right]])
        if limit is None:
            members[left] += members.pop(right)
            _contract(between, left, right, queue)
        else:
            refused.append((left, right, limit))
    clusters = {node: cluster for cluster, found in members.items() for node in found}
    # where two limits stand between two clusters, the first that was met is told
    apart: dict[tuple[int, int], str] = {}
    for left, right, limit in refused:
        one, other = clusters[left], clusters[right]
        apart.setdefault((min(one, other), max(one, other)), limit)
    return Division(clusters, apart)


def _bounded(nodes: Iterable[int], weights: Mapping[tuple[int, int], float]) -> dict[int, dict[int, float]]:
    between: dict[int, dict[int, float]] = {node: {} for node in nodes}
    for (left, right), weight in weights.items():
        bounded = weight if weight == -math.inf else max(-_MAX_CONFLICT, min(_MAX_AGREEMENT, weight))
        between[left][right] = between[right][left] = bounded
    return between


def _holder(members: Mapping[int, list[int]], node: int) -> int:
    return next(cluster for cluster, found in members.items() if node in found)


def _contract(between: dict[int, dict[int, float]], kept: int, gone: int, queue: list[tuple[float, int, int]]) -> None:
    for other, weight in sorted(between.pop(gone).items()):
        del between[other][gone]
        if other == kept:
            continue
        # rounding keeps the sum free of the order in which it was added up
        total = round(between[kept].get(other, 0.0) + weight, 4)
        between[kept][other] = between[other][kept] = total
        if total > 0:
            heapq.heappush(queue, (-total, min(kept, other), max(kept, other)))
