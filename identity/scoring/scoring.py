"""Scoring pairs with Splink: the match weight against two strangers, and the level of each comparison."""

import duckdb

from identity.model.comparison import Comparison
from identity.model.trained_model import TrainedModel, comparisons_of, term_frequency_columns
from identity.scoring.predictions import create_predictions


def score_pairs(work: duckdb.DuckDBPyConnection, model: TrainedModel, pairs: str, known: str | None = None) -> None:
    """Create table `scored_<pairs>`: one row per pair of table `pairs`.

    Columns: left_unit, right_unit, stranger_weight (the bits of evidence for one person against two strangers: Splink's
    match weight), gamma_<comparison> (Splink's number of the level), and rarity_<column>: the bits that a value adds by
    being rare.

    Args:
        work: The workspace; needs `units`.
        model: The trained model.
        pairs: The name of a table (join_key_l, join_key_r, match_key), one row per pair.
        known: The name of a table of rows that were scored before; its pairs are not scored again.
    """
    columns = ["round(greatest(match_weight, -100), 4) as stranger_weight"]
    columns += [f"cast({gamma} as tinyint) as {gamma}" for gamma in _gammas(model)]
    columns += [
        f"cast(round(mw_tf_adj_{column}, 3) as float) as rarity_{column}"
        for column in term_frequency_columns(model.parameters)
    ]
    if known is None:
        _predict(work, model, pairs, f"scored_{pairs}", columns)
        return
    both = "on join_key_l = left_unit and join_key_r = right_unit"
    work.execute(f"create or replace temp view unknown_pairs as select * from {pairs} anti join {known} {both}")
    _predict(work, model, "unknown_pairs", f"scored_{pairs}", columns)
    work.execute(f"insert into scored_{pairs} by name select * from {known} semi join {pairs} {both}")


def _gammas(model: TrainedModel) -> list[str]:
    return [f"gamma_{found.name}" for found in comparisons_of(model.parameters)]


def weigh_comparisons(work: duckdb.DuckDBPyConnection, model: TrainedModel, pairs: str) -> None:
    """Create table `weights_of_<pairs>`: one row per pair of table `pairs`.

    Columns: left_unit, right_unit, weight_<comparison>: the bits that the comparison adds to the stranger_weight of
    score_pairs, the rarity of the value included.

    Args:
        work: The workspace; needs `units`.
        model: The trained model.
        pairs: The name of a table (join_key_l, join_key_r, match_key), one row per pair.
    """
    columns = [f"{_weight_of(found)} as weight_{found.name}" for found in comparisons_of(model.parameters)]
    _predict(work, model, pairs, f"weights_of_{pairs}", columns)


def _weight_of(compared: Comparison) -> str:
    rarities = [f"mw_tf_adj_{column}" for column in compared.term_frequency_columns]
    return " + ".join([f"mw_{compared.name}", *rarities])


def _predict(work: duckdb.DuckDBPyConnection, model: TrainedModel, pairs: str, into: str, columns: list[str]) -> None:
    work.execute(
        f"create or replace temp view pairs_to_predict as select join_key_l, join_key_r, match_key from {pairs}"
    )
    predictions = f"predictions_{model.version}"
    found = work.execute("select 1 from duckdb_views() where temporary and view_name = ?", [predictions]).fetchall()
    if not found:
        # preparing the view takes time, so that one serves all the pairs of a workspace
        create_predictions(work, model, predictions)
    work.execute(
        f"""
        create table {into} as
        select
            least(unit_l, unit_r) as left_unit,
            greatest(unit_l, unit_r) as right_unit,
            {", ".join(columns)}
        from {predictions}
        """
    )
