"""The work tables of clusters: components, division, merging, sparse units, and the results for records."""

from identity.work_tables.pair_tables import WEIGHED
from identity.work_tables.work_table import work_table

_PAIR = "left_unit right_unit"
_SCORED_CLUSTERS = f"{_PAIR} gamma_<comparison> rarity_<column> <comparison>_trials repeated_difference stranger_weight"

CLUSTER_TABLES = (
    work_table(
        "links",
        "pair of units that is clustered first",
        _PAIR,
        "clusters.components.cluster_units",
    ),
    work_table(
        "unit_clusters",
        "unit, with its cluster (the smallest unit of it)",
        "unit cluster",
        "clusters.components._store_labels",
        "clusters.components._relabel clusters.sparse_records._move_to_assigned clusters.merging._relabel_merged "
        "clusters.must_links.join_must_links "
        "clusters.sparse_records._join_unassigned clusters.sparse_records._separate_over_limit",
    ),
    work_table(
        "missing_pairs",
        "pair of units of one component that was not compared",
        "join_key_l join_key_r match_key",
        "clusters.components._complete_components",
    ),
    work_table(
        "limit_candidates",
        "cluster that may break a limit of one profile",
        "cluster",
        "clusters.profile_limits.create_limit_candidates",
    ),
    work_table(
        "inner_pairs",
        "pair of units of one component, with its weight for division",
        f"cluster {_PAIR} weight",
        "clusters.components._divide_conflicting",
    ),
    work_table(
        "clusters_to_divide",
        "component with a conflict or a limit that it may break",
        "cluster",
        "clusters.components._divide_conflicting",
    ),
    work_table(
        "kept_apart",
        "pair of units that would be linked, in two clusters, with the reason",
        f"{_PAIR} kept_apart_by",
        "clusters.components._store_reasons",
        "clusters.merging.merge_clusters",
    ),
    work_table(
        "neighbourhoods",
        "unit, with its neighbourhood (a hash)",
        "unit neighbourhood",
        "clusters.neighbourhoods.create_neighbourhoods",
    ),
    work_table(
        "sparse_links",
        "sparse unit and unit that it is linked with",
        "sparse_unit other_unit match_weight record_count is_other_sparse trust names_person",
        "clusters.sparse_links.create_sparse_links",
    ),
    work_table(
        "identifier_assignments",
        "sparse unit that its strong identifiers assign to a cluster",
        "sparse_unit cluster",
        "clusters.sparse_records.assign_units_by_identifier",
    ),
    work_table(
        "mergeable_pairs",
        "weighed pair of units of two clusters in one neighbourhood",
        WEIGHED,
        "clusters.merging.merge_clusters",
        "clusters.cluster_pairs.score_missing_pairs",
    ),
    work_table(
        "dirty_clusters",
        "cluster whose pairs are to be weighed again",
        "cluster",
        "clusters.merging.merge_clusters",
        "clusters.cluster_pairs.score_missing_pairs clusters.merging._merge_best",
    ),
    work_table(
        "scored_clusters",
        "pair of clusters with a dirty one, with its best levels",
        _SCORED_CLUSTERS,
        "clusters.cluster_pairs.weigh_cluster_pairs",
    ),
    work_table(
        "weighed_dirty_clusters",
        "pair of clusters with a dirty one, with its weights",
        f"{_SCORED_CLUSTERS} match_weight conflict_weight",
        "scoring.match_weights.create_weighed_pairs",
    ),
    work_table(
        "weighed_clusters",
        "pair of clusters with its weights",
        f"{_SCORED_CLUSTERS} match_weight conflict_weight",
        "clusters.cluster_pairs.weigh_cluster_pairs",
        "clusters.cluster_pairs.weigh_cluster_pairs",
    ),
    work_table(
        "between_pairs",
        "pair of units of two likely clusters that was not compared",
        "join_key_l join_key_r match_key",
        "clusters.cluster_pairs.score_missing_pairs",
    ),
    work_table(
        "ambiguous_merges",
        "pair of clusters that is an ambiguous match",
        _PAIR,
        "clusters.ambiguous_merges.create_ambiguous_merges",
    ),
    work_table(
        "forbidden_merges",
        "pair of clusters that a limit or an override keeps apart",
        f"{_PAIR} kept_apart_by",
        "clusters.merging.merge_clusters",
        "clusters.merging.merge_clusters clusters.merging._merge_best",
    ),
    work_table(
        "chosen_merges",
        "pair of clusters to merge in this round",
        "one other cluster_weight",
        "clusters.merging._merge_best",
        "clusters.merging._merge_best",
    ),
    work_table(
        "merging_clusters",
        "cluster of chosen_merges, a view",
        "cluster",
        "clusters.merging._over_limit",
    ),
    work_table(
        "merged_pairs",
        "merge of two clusters, represented by the pair of units that agrees most",
        f"{_PAIR} cluster_weight",
        "clusters.merging.merge_clusters",
        "clusters.merging._merge_best",
    ),
    work_table(
        "sparse_assignments",
        "sparse unit that points to clusters, with the one it is assigned to (null: ambiguous)",
        "sparse_unit cluster",
        "clusters.sparse_records.assign_sparse_units",
        "clusters.sparse_records.assign_sparse_units",
    ),
    work_table(
        "over_limit_units",
        "sparse unit with which its cluster would break a limit",
        "unit",
        "clusters.sparse_records._separate_over_limit",
    ),
    work_table(
        "separated_units",
        "sparse unit whose records share no cluster, because it is ambiguous or over a limit",
        "unit",
        "clusters.sparse_records.assign_sparse_units",
        "clusters.sparse_records._separate_over_limit",
    ),
    work_table(
        "record_clusters",
        "record, with its cluster",
        "record cluster",
        "clusters.edges.create_record_clusters",
    ),
    work_table(
        "edges",
        "pair of records that is linked, kept apart, or likely enough to be reviewed",
        "left_record right_record reason match_probability match_weight comparison_levels may_link is_used "
        "kept_apart_by",
        "clusters.edges.edges_table",
    ),
)
