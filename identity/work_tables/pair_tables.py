"""The work tables of pairs of units: which are compared, and what their comparison is worth."""

from identity.work_tables.work_table import work_table

_SCORED = "left_unit right_unit stranger_weight gamma_<comparison> rarity_<column>"
WEIGHED = f"{_SCORED} match_weight conflict_weight"
_COMPARED = "join_key_l join_key_r match_key"

PAIR_TABLES = (
    work_table(
        "override_pairs",
        "override whose two records are here",
        "left_unit right_unit decision override_reason",
        "prepare.overrides.create_override_pairs",
    ),
    work_table(
        "candidate_pairs",
        "pair of units to compare",
        _COMPARED,
        "scoring.blocking.create_candidate_pairs incremental.changed_pairs._number_pairs",
    ),
    work_table(
        "unknown_pairs",
        "pair of units to compare that was not scored before, a view",
        _COMPARED,
        "scoring.scoring.score_pairs",
    ),
    work_table(
        "pairs_to_predict",
        "pair of units that Splink scores, a view",
        _COMPARED,
        "scoring.scoring._predict",
    ),
    work_table(
        "predictions_<model version>",
        "pair of pairs_to_predict with Splink's values, a view",
        "<splink column>",
        "scoring.predictions.create_predictions",
    ),
    work_table(
        "scored_<pairs>",
        "pair of table <pairs> with its weight against strangers and its levels",
        _SCORED,
        "scoring.scoring._predict",
        "scoring.scoring.score_pairs",
    ),
    work_table(
        "weights_of_<pairs>",
        "pair of table <pairs> with the weight of each comparison",
        "left_unit right_unit weight_<comparison>",
        "scoring.scoring._predict",
    ),
    work_table(
        "weighed_pairs",
        "compared pair of units with its weights against strangers and households",
        WEIGHED,
        "scoring.match_weights.create_weighed_pairs",
        "clusters.components._complete_components clusters.cluster_pairs.score_missing_pairs",
    ),
    work_table(
        "weighed_<pairs>",
        "pair of table <pairs> with its weights against strangers and households",
        WEIGHED,
        "scoring.match_weights.create_weighed_pairs",
    ),
    work_table(
        "strong_values",
        "unit and strong identifier value that is in no oversized block",
        "unit value identifier_type reason trust given_name loyalty_numbers",
        "scoring.deterministic.create_deterministic_pairs",
    ),
    work_table(
        "conflicting_identifiers",
        "strong identifier value that different people use",
        "identifier_type identifier_value record_count name_count reason",
        "scoring.deterministic.create_deterministic_pairs",
    ),
    work_table(
        "deterministic_pairs",
        "pair of units that a strong identifier or a must_link override links",
        "left_unit right_unit reason",
        "scoring.deterministic.create_deterministic_pairs",
    ),
    work_table(
        "own_pairs",
        "unit of a sample, paired with itself",
        _COMPARED,
        "quality.figures.figures_of_units",
    ),
    work_table(
        "chosen",
        "pair of units to explain",
        _COMPARED,
        "explanation.pair_weights._score",
    ),
)
