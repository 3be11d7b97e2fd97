"""What a person joins is one: the whole clusters of two records of a must_link, however much they contradict."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import duckdb
import pyarrow as pa

from identity.graph import connected_components

Pair = tuple[int, int]


def join_must_links(work: duckdb.DuckDBPyConnection) -> None:
    """Join the clusters of `unit_clusters` that hold the two units of a must_link, all their units with them.

    Runs when evidence has made its clusters, because a decision is about the profiles that readers see. A cannot_link
    holds: of two clusters with such a pair only the units of the must_link are joined, and the larger rest follows.

    Args:
        work: the workspace, with `unit_clusters` and `override_pairs`.
    """
    pairs: dict[str, list[Pair]] = defaultdict(list)
    for decision, left, right in work.execute("select decision, left_unit, right_unit from override_pairs").fetchall():
        pairs[decision].append((left, right))
    if not pairs["must_link"]:
        return
    rows = work.execute(
        """
        select cluster, list(unit order by unit)
        from unit_clusters
        where cluster in (
            select cluster
            from unit_clusters
            inner join override_pairs on unit in (left_unit, right_unit)
            where decision = 'must_link'
        )
        group by cluster
        """
    ).fetchall()
    found = joined_clusters(dict(rows), pairs["must_link"], pairs["cannot_link"])
    labels = {"unit": pa.array(found.keys(), pa.int32()), "joined": pa.array(found.values(), pa.int32())}
    work.register("joined_arrow", pa.table(labels))
    work.execute(
        """
        create or replace table unit_clusters as
        select unit, coalesce(joined, cluster) as cluster
        from unit_clusters
        left join joined_arrow using (unit)
        order by unit
        """
    )
    work.unregister("joined_arrow")


def joined_clusters(
    clusters: Mapping[int, Sequence[int]], must_links: Iterable[Pair], cannot_links: Iterable[Pair]
) -> dict[int, int]:
    """Join clusters by must_links as far as cannot_links allow.

    Args:
        clusters: the units of each cluster that has a unit of a must_link.
        must_links: pairs of units.
        cannot_links: pairs of units; no chain of must_links contains one.

    Returns:
        Each unit with the smallest unit of its cluster.
    """
    chains = _chains(must_links)
    parts: dict[int, set[int]] = {}
    for unit, chain in chains.items():
        parts.setdefault(chain, set()).add(unit)
    ties: list[tuple[int, int, int]] = []
    for units in clusters.values():
        rest = {unit for unit in units if unit not in chains}
        held = sorted({chains[unit] for unit in units if unit in chains})
        first = min(rest) if rest else held[0]
        if rest:
            parts[first] = rest
        ties += [(-len(rest), first, chain) for chain in held if chain != first]
    part_of = {part: part for part in parts}
    apart = {frozenset(pair) for pair in cannot_links}
    for _, one, other in sorted(ties):
        left, right = sorted((part_of[one], part_of[other]))
        if left != right and not any(frozenset((a, b)) in apart for a in parts[left] for b in parts[right]):
            parts[left] |= parts.pop(right)
            part_of = {part: left if into == right else into for part, into in part_of.items()}
    return {unit: min(units) for units in parts.values() for unit in units}


def _chains(must_links: Iterable[Pair]) -> dict[int, int]:
    """Each unit of a must_link with the smallest unit that must_links reach from it."""
    pairs = sorted(must_links)
    units = sorted({unit for pair in pairs for unit in pair})
    place = {unit: position for position, unit in enumerate(units)}
    labels = connected_components(len(units), [place[left] for left, _ in pairs], [place[right] for _, right in pairs])
    return {unit: units[label] for unit, label in zip(units, labels.tolist(), strict=True)}
