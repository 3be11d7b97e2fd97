"""Ambiguous matches between clusters: a cluster that matches two people about equally well is merged with neither."""

import duckdb

from identity.limits import Limits, threshold_weight
from identity.model.levels import level_is


def create_ambiguous_merges(work: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Create table `ambiguous_merges` (left_unit, right_unit): one row per pair of clusters that must not be merged.

    A pair is ambiguous when one of its clusters matches another candidate about as well, and the two candidates are two
    people by their dates of birth, or the cluster has no more than the initial of a given name.

    Args:
        work: the workspace, with `weighed_clusters`, `mergeable_pairs`, `unit_clusters` and `units`.
        limits: a candidate counts from tie_probability on; the match must stay at link_probability or above when the
            alternative is taken into account.
    """
    weights = {
        "threshold": threshold_weight(limits.link_probability),
        "min_weight": threshold_weight(limits.tie_probability),
    }
    work.execute(f"create or replace table ambiguous_merges as {_AMBIGUOUS_SQL}", weights)


_AMBIGUOUS_SQL = f"""
    with nameless as (
        select cluster
        from unit_clusters
        inner join units using (unit)
        where cluster in (select unnest([left_unit, right_unit]) from weighed_clusters)
        group by cluster
        having coalesce(max(length(given_name)), 0) < 2
    ),

    two_people as (
        select distinct least(l.cluster, r.cluster) as one, greatest(l.cluster, r.cluster) as other
        from mergeable_pairs
        inner join unit_clusters as l on left_unit = l.unit
        inner join unit_clusters as r on right_unit = r.unit
        where {level_is("date_of_birth", "different")}
    ),

    matches as (
        select left_unit as cluster, right_unit as candidate, match_weight as weight
        from weighed_clusters
        where match_weight >= $min_weight
        union all
        select right_unit, left_unit, match_weight from weighed_clusters where match_weight >= $min_weight
    ),

    alternatives as (
        select
            matches.*,
            alternative.weight as alternative_weight,
            least(matches.candidate, alternative.candidate) as one,
            greatest(matches.candidate, alternative.candidate) as other
        from matches
        inner join matches as alternative
            on matches.cluster = alternative.cluster and matches.candidate <> alternative.candidate
    )

    select distinct
        least(alternatives.cluster, candidate) as left_unit,
        greatest(alternatives.cluster, candidate) as right_unit
    from alternatives
    left join weighed_clusters as between on one = between.left_unit and other = between.right_unit
    left join two_people using (one, other)
    left join nameless on alternatives.cluster = nameless.cluster
    where coalesce(between.match_weight, $min_weight - 1) < if(two_people.one is null, $min_weight, $threshold)
        and (two_people.one is not null or nameless.cluster is not null)
        and weight - log2(1 + pow(2, alternative_weight)) < $threshold
"""
