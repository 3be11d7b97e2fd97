"""The one way into Splink: without log lines, warnings or work tables outside the given connection."""

import logging
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb

from identity.model.comparison import NOT_COMPARABLE, Comparison, Level
from identity.model.trained_model import Parameters, comparisons_of

if TYPE_CHECKING:
    from splink import Linker, SettingsCreator

_COLUMN_OF_PAIR = re.compile(r"\b\w+_[lr]\b")


@contextmanager
def quiet_splink() -> Iterator[None]:
    """Silence Splink and its parser while the block runs; the caller's logging is as before afterwards."""
    logger = logging.getLogger("splink")
    level = logger.level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logger.setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            logger.setLevel(level)


def linker_on(work: duckdb.DuckDBPyConnection, table: str, prior: float, parameters: Parameters) -> "Linker":
    """A Splink linker on one table of units, with these parameters as its settings."""
    from splink import Linker

    from identity.model.splink_database import ViewingDuckDBAPI

    database = ViewingDuckDBAPI(connection=work)
    for statement in _macros(parameters):
        database.create_macro(statement)
    data = database.register(table)
    # the settings are this package's own; validating them parses every condition again
    return Linker(data, settings(prior, parameters), log_level=logging.CRITICAL, validate_settings=False)


def settings(prior: float, parameters: Parameters) -> "SettingsCreator":
    """Splink's settings for these parameters; built again each time, because Splink changes what it is given."""
    from splink import SettingsCreator, block_on
    from splink import comparison_library as cl

    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="unit",
        probability_two_random_records_match=prior,
        # identity.scoring.blocking makes the pairs and registers them; Splink only demands that there is a rule
        blocking_rules_to_generate_predictions=[block_on("unit")],
        comparisons=[
            cl.CustomComparison(
                output_column_name=comparison.name, comparison_levels=_level_dicts(comparison, parameters)
            )
            for comparison in comparisons_of(parameters)
        ],
        # only with these settings does Splink return the levels of a pair, and what rare values add
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=True,
        em_convergence=1e-4,
        max_iterations=25,
    )


def _level_dicts(comparison: Comparison, parameters: Parameters) -> list[Any]:
    null_level = {
        "sql_condition": _called(comparison.name, NOT_COMPARABLE, comparison.null_condition),
        "label_for_charts": NOT_COMPARABLE,
        "is_null_level": True,
    }
    values = parameters[comparison.name]
    return [null_level, *(_level_dict(comparison, level, values[level.label]) for level in comparison.levels)]


def _level_dict(comparison: Comparison, level: Level, values: Mapping[str, float]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "sql_condition": _called(comparison.name, level.label, level.condition),
        "label_for_charts": level.label,
        "m_probability": values["m"],
        "u_probability": values["u"],
    }
    if level.term_frequency_column:
        # the level of equal values needs no search for itself among all levels, which parses each condition twice
        made["disable_tf_exact_match_detection"] = level.label == "same"
        made["tf_adjustment_column"] = level.term_frequency_column
        made["tf_minimum_u_value"] = level.min_term_frequency
    return made


def _macros(parameters: Parameters) -> list[str]:
    """The statements that make a macro of each long condition of these parameters."""
    statements = []
    for comparison in comparisons_of(parameters):
        conditions = {level.label: level.condition for level in comparison.levels}
        for label, condition in {NOT_COMPARABLE: comparison.null_condition, **conditions}.items():
            call = _called(comparison.name, label, condition)
            if call != condition:
                statements.append(f"create or replace temp macro {call} as ({condition})")
    return statements


def _called(comparison: str, label: str, condition: str) -> str:
    """The condition of a level as Splink reads it: a call of a macro with the columns, unless it is short and plain."""
    # Splink parses and normalises each condition again for each training block: half of a training, when all are long
    if "(" not in condition:
        return condition  # in these Splink looks for equal columns
    columns = sorted(set(_COLUMN_OF_PAIR.findall(condition)))
    return f"{comparison}_is_{label}({', '.join(columns)})"
