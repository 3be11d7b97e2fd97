"""Learning the model from the records alone, without labels.

u values come from the pairs of a sample without its obvious duplicates (they would count as chance agreement), m values
from expectation maximisation within blocks, the prior from pairs that agree on name and something else. Few pairs teach
little: each estimate is mixed with the default value by the number of pairs that support it, so the same code trains on
thirty records and on a million.
"""

import math
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from identity.model.comparison import Comparison
from identity.model.splink_session import linker_on, quiet_splink
from identity.model.trained_model import (
    Parameters,
    TrainedModel,
    comparisons_of,
    default_parameters,
    significant,
    term_frequency_columns,
)
from identity.prepare.features import attribute_columns
from identity.prepare.placeholder_dates import placeholder_dates
from identity.prepare.records import ATTRIBUTE_PREFIX
from identity.training.household import DEFAULT_HOUSEHOLD_ODDS
from identity.training.name_correlation import learn_name_correlation_penalty
from identity.training.prior import learn_prior
from identity.training.training_blocks import OBVIOUS, TRAINING_RULES, all_filled, block_pairs, rule

if TYPE_CHECKING:
    from splink import Linker

# A default counts as much as this many pairs seen: unrelated pairs for u, pairs within blocks for m
_DEFAULT_SUPPORT_U = 10_000
_DEFAULT_SUPPORT_M = 50

# Half a million pairs; the standard error of a u of 1 in 1,000 is then about 5 per cent
_SAMPLE_RECORDS = 1_000
_MIN_BLOCK_PAIRS = 10
_STARTING_PRIOR = 1e-4

# Bits that a pair of records of one person must gain from an attribute on average, or it is not compared
_MIN_INFORMATION = 0.1


def train(work: duckdb.DuckDBPyConnection, population: int | None = None) -> TrainedModel:
    """Learn a model, household values excepted; the same units give the same model, whatever their order.

    Args:
        work: The workspace; needs `units`, `word_roles` and `placeholder_dates`.
        population: The number of units that these are a uniform sample of; None when they are all. The prior of a
            sample is that of the population, but its bounds and the share of strangers with one contact are not.

    Returns:
        The model with default household values; `identity.training.household` learns those from scored pairs.
    """
    unit_count = population or work.execute("select count(*) from units").fetchall()[0][0]
    with quiet_splink():
        parameters, u_report = _learn_u(work, unit_count)
        # expectation maximisation starts from any prior and finds its own within each block
        parameters, m_report = _learn_m(work, _STARTING_PRIOR, parameters)
        parameters = _with_swapped_names(informative(parameters))
        prior = learn_prior(work, unit_count, parameters)
    name_correlation_penalty = learn_name_correlation_penalty(work, parameters)
    report = {"unit_count": unit_count, "prior": prior, "u": u_report, "m": m_report}
    word_roles = work.execute("select word, given_share, given_count from word_roles order by word").to_arrow_table()
    frequencies = _term_frequencies(work, parameters)
    return TrainedModel(
        prior,
        DEFAULT_HOUSEHOLD_ODDS,
        parameters,
        frequencies,
        report,
        name_correlation_penalty=name_correlation_penalty,
        word_roles=word_roles,
        placeholder_dates=placeholder_dates(work),
    )


def informative(parameters: Parameters) -> Parameters:
    """The parameters without the attributes that agree hardly more often in one person than between strangers."""
    return {
        name: levels
        for name, levels in parameters.items()
        if not name.startswith(ATTRIBUTE_PREFIX)
        or sum(v["m"] * math.log2(v["m"] / v["u"]) for v in levels.values()) >= _MIN_INFORMATION
    }


def _learn_u(work: duckdb.DuckDBPyConnection, unit_count: int) -> tuple[Parameters, dict[str, Any]]:
    sample_size = _create_sample(work)
    parameters = default_parameters(attribute_columns(work, "units"))
    seen: dict[str, dict[str, float]] = {}
    if sample_size > 1:
        linker = linker_on(work, "training_sample", _STARTING_PRIOR, parameters)
        # all pairs of the sample: Splink then samples nothing itself, and counts are exact
        linker.training.estimate_u_using_random_sampling(
            max_pairs=sample_size * sample_size, min_count_per_level=None, num_chunks=1
        )
        seen = _learnt_values(linker, "u", parameters)
    report = {}
    for comparison in comparisons_of(parameters):
        pairs = _comparable_pairs(work, comparison)
        weight = pairs / (pairs + _DEFAULT_SUPPORT_U)
        _mix(parameters, comparison, "u", seen.get(comparison.name, {}), weight)
        _set_contacts(parameters, comparison, unit_count)
        report[comparison.name] = {"pairs": pairs, "weight_of_data": round(weight, 4)}
    return parameters, report


def _create_sample(work: duckdb.DuckDBPyConnection) -> int:
    duplicates = " union all ".join(
        f"select min(unit) as first_unit, list(unit) as units from units where {all_filled(keys)} "
        f"group by {', '.join(keys)} having count(*) > 1"
        for keys in OBVIOUS.values()
    )
    work.execute(
        f"""
        create table training_sample as
        with duplicates as ({duplicates}),

        unnested as (select first_unit, unnest(units) as unit from duplicates),

        chosen as (
            select unit
            from units
            anti join (from unnested where unit > first_unit) as repeated using (unit)
            order by md5(cast(unit as varchar)), unit
            limit {_SAMPLE_RECORDS}
        )

        select units.* from units semi join chosen using (unit)
        """
    )
    return int(work.execute("select count(*) from training_sample").fetchall()[0][0])


def _comparable_pairs(work: duckdb.DuckDBPyConnection, comparison: Comparison) -> int:
    column = comparison.column
    filled = work.execute(f"select count({column}) from training_sample").fetchall()[0][0]
    return int(filled * (filled - 1) // 2)


def _set_contacts(parameters: dict[str, Any], comparison: Comparison, unit_count: int) -> None:
    for level in comparison.levels:
        if level.strangers_share is not None:
            shared = min(level.strangers_share / max(unit_count, 1), 1e-4)
            parameters[comparison.name][level.label]["u"] = significant(shared)


def _with_swapped_names(parameters: Parameters) -> Parameters:
    # names that agree crosswise are as rare between strangers as names that agree; the exchange itself counts once
    given, family = parameters["given_name"], parameters["family_name"]
    crossed, exchanged = given["swapped_with_family_name"], family["swapped_with_given_name"]
    rarity = significant(family["same"]["u"] * exchanged["m"])
    return {
        **parameters,
        "given_name": {**given, "swapped_with_family_name": {**crossed, "u": given["same"]["u"]}},
        "family_name": {**family, "swapped_with_given_name": {**exchanged, "u": rarity}},
    }


def _learn_m(
    work: duckdb.DuckDBPyConnection, prior: float, parameters: Parameters
) -> tuple[Parameters, dict[str, Any]]:
    pairs = {name: block_pairs(work, keys) for name, keys in TRAINING_RULES.items()}
    used = {name: keys for name, keys in TRAINING_RULES.items() if pairs[name] >= _MIN_BLOCK_PAIRS}
    seen: dict[str, dict[str, float]] = {}
    if used:
        linker = linker_on(work, "units", prior, parameters)
        used = {name: keys for name, keys in used.items() if _learn_within(linker, keys)}
        seen = _learnt_values(linker, "m", parameters)
    learnt = {name: {label: dict(values) for label, values in levels.items()} for name, levels in parameters.items()}
    report: dict[str, Any] = {"block_pairs": pairs, "learnt_from": sorted(used), "comparisons": {}}
    for comparison in comparisons_of(parameters):
        column = comparison.column
        support = sum(block_pairs(work, keys, column) for keys in used.values() if not _is_fixed_by(keys, comparison))
        weight = support / (support + _DEFAULT_SUPPORT_M) if comparison.name in seen else 0.0
        _mix(learnt, comparison, "m", seen.get(comparison.name, {}), weight)
        report["comparisons"][comparison.name] = {"pairs": support, "weight_of_data": round(weight, 4)}
    return learnt, report


def _learn_within(linker: "Linker", keys: tuple[str, ...]) -> bool:
    before = deepcopy(linker._settings_obj.core_model_settings)
    try:
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule(keys), estimate_without_term_frequencies=True
        )
    except ValueError as error:
        # among few pairs that differ much, a level comes out so unlikely that Splink rejects its value
        if "below the minimum allowed" not in str(error):
            raise
        # Splink has taken the comparisons of this block out of its settings, and would not put them back
        linker._settings_obj.core_model_settings = before
        return False
    return True


def _is_fixed_by(keys: tuple[str, ...], comparison: Comparison) -> bool:
    # all pairs of the block agree on its columns, so that they teach nothing of a comparison that reads them
    conditions = " ".join([comparison.null_condition, *(level.condition for level in comparison.levels)])
    return any(f"{key.split('[')[0]}_l" in conditions for key in keys)


def _mix(parameters: dict[str, Any], comparison: Comparison, kind: str, seen: dict[str, float], weight: float) -> None:
    values = parameters[comparison.name]
    defaults = {level.label: level.m if kind == "m" else level.u for level in comparison.levels}
    fixed = {level.label for level in comparison.levels if kind == "m" and not level.is_m_learnt}
    mixed = {
        label: value if label in fixed else weight * seen.get(label, 0.0) + (1 - weight) * value
        for label, value in defaults.items()
    }
    total = sum(mixed.values())
    for label, value in mixed.items():
        # a level never seen in much data is rare, not impossible
        values[label][kind] = significant(max(value / total, defaults[label] / 1_000))


def _learnt_values(linker: "Linker", kind: str, start: Parameters) -> dict[str, dict[str, float]]:
    # Splink leaves a level that it never saw at its starting value, which no estimate hits to the last digit
    found: dict[str, dict[str, float]] = {}
    for comparison in linker.misc.save_model_to_json()["comparisons"]:
        name = comparison["output_column_name"]
        for level in comparison["comparison_levels"]:
            label, value = level["label_for_charts"], level.get(f"{kind}_probability")
            if isinstance(value, float) and value != start[name][label][kind]:
                found.setdefault(name, {})[label] = value
    return found


def _term_frequencies(work: duckdb.DuckDBPyConnection, parameters: Parameters) -> dict[str, pa.Table]:
    return {
        column: work.execute(
            f"""
            select {column}, round(count(*) / sum(count(*)) over (), 9) as tf_{column}
            from units
            where {column} is not null
            group by {column}
            order by {column}
            """
        ).to_arrow_table()
        for column in term_frequency_columns(parameters)
    }
