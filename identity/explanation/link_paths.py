"""Ways through the links of a profile: the strongest from one record to another, the links that hold all together."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Link:
    """One row of `match_edges`; match_weight and levels are None for exact duplicates."""

    left: str
    right: str
    reason: str
    match_probability: float | None
    match_weight: float | None
    is_used: bool
    kept_apart_by: str | None = None

    @property
    def strength(self) -> tuple[float, float]:
        """What links are ordered by: first the probability, then the weight; an exact duplicate is the strongest."""
        weight = float("inf") if self.match_weight is None else self.match_weight
        return (self.match_probability or 0.0, weight)


def links_of(rows: Iterable[Mapping[str, Any]]) -> list[Link]:
    """The links of rows of `match_edges`, the strongest first, ties by their keys."""
    links = [
        Link(
            row["person_record_id_left"],
            row["person_record_id_right"],
            row["reason"],
            row["match_probability"],
            row["match_weight"],
            row["is_used"],
            row["kept_apart_by"],
        )
        for row in rows
    ]
    return sorted(links, key=lambda link: (*(-part for part in link.strength), link.left, link.right))


def holding_links(links: Iterable[Link]) -> list[Link]:
    """The fewest and strongest used links that tie the same records together (a maximum spanning forest)."""
    parents: dict[str, str] = {}
    held = []
    for link in links:
        left, right = _root(parents, link.left), _root(parents, link.right)
        if link.is_used and left != right:
            parents[right] = left
            held.append(link)
    return held


def strongest_path(links: Sequence[Link], start: str, goal: str) -> list[Link]:
    """The used links from start to goal whose weakest one is as strong as can be, with the fewest steps.

    Empty when no used links lead there. `links` come in the order of links_of.
    """
    parents: dict[str, str] = {}
    usable: dict[str, list[tuple[str, Link]]] = {}
    for link in links:
        if not link.is_used:
            continue
        usable.setdefault(link.left, []).append((link.right, link))
        usable.setdefault(link.right, []).append((link.left, link))
        parents[_root(parents, link.right)] = _root(parents, link.left)
        if _root(parents, start) == _root(parents, goal):
            return _shortest(usable, start, goal)
    return []


def _shortest(usable: Mapping[str, list[tuple[str, Link]]], start: str, goal: str) -> list[Link]:
    came: dict[str, tuple[str, Link] | None] = {start: None}
    queue = deque([start])
    while queue and goal not in came:
        here = queue.popleft()
        for there, link in usable.get(here, ()):
            if there not in came:
                came[there] = (here, link)
                queue.append(there)
    path = []
    step = came.get(goal)
    while step is not None:
        path.append(step[1])
        step = came[step[0]]
    return path[::-1]


def _root(parents: dict[str, str], key: str) -> str:
    while parents.setdefault(key, key) != key:
        parents[key] = parents[parents[key]]
        key = parents[key]
    return key
