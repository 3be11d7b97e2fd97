"""Paths through the links of a profile: the strongest between two records, and the links that connect all of them."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Link:
    """One row of `match_edges`; match_weight is None for exact duplicates."""

    left: str
    right: str
    reason: str
    match_probability: float | None
    match_weight: float | None
    is_used: bool
    kept_apart_by: str | None = None

    @property
    def strength(self) -> tuple[float, float]:
        """The order of links: first the probability, then the weight; an exact duplicate is the strongest."""
        weight = float("inf") if self.match_weight is None else self.match_weight
        return (self.match_probability or 0.0, weight)


def links_of(rows: Iterable[Mapping[str, Any]]) -> list[Link]:
    """Rows of `match_edges` as links, the strongest first, ties by their keys."""
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


def spanning_links(links: Iterable[Link]) -> list[Link]:
    """The fewest and strongest used links that connect the same records (a maximum spanning forest)."""
    parents: dict[str, str] = {}
    spanning = []
    for link in links:
        left, right = _root(parents, link.left), _root(parents, link.right)
        if link.is_used and left != right:
            parents[right] = left
            spanning.append(link)
    return spanning


def strongest_path(links: Sequence[Link], start: str, goal: str) -> list[Link]:
    """The path of used links whose weakest link is as strong as possible, with the fewest steps.

    Args:
        links: the links of the profile, in the order of links_of.
        start: the key of the first record.
        goal: the key of the last record.

    Returns:
        The links of the path in order; empty when used links do not connect the two records.
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
    reached_from: dict[str, tuple[str, Link] | None] = {start: None}
    queue = deque([start])
    while queue and goal not in reached_from:
        record = queue.popleft()
        for neighbour, link in usable.get(record, ()):
            if neighbour not in reached_from:
                reached_from[neighbour] = (record, link)
                queue.append(neighbour)
    path = []
    step = reached_from.get(goal)
    while step is not None:
        path.append(step[1])
        step = reached_from[step[0]]
    return path[::-1]


def _root(parents: dict[str, str], key: str) -> str:
    while parents.setdefault(key, key) != key:
        parents[key] = parents[parents[key]]
        key = parents[key]
    return key
