"""The prior: how likely two random records are one person."""

import math

import duckdb

from identity.model.comparisons_of_contacts import SHARED_LABELS
from identity.model.splink_session import linker_on
from identity.model.trained_model import Parameters, significant
from identity.training.training_blocks import OBVIOUS, block_pairs, rule

_MIN_PER_RECORD, _USUAL_PER_RECORD, _MAX_PER_RECORD = 0.1, 0.5, 20.0
_MAX_PRIOR = 0.01
_MIN_RECALL, _MAX_RECALL = 0.1, 0.95

# Levels of the address comparison on which the postcode is the same
_SAME_POSTCODE = ("same", "similar", "same_postcode", "another_street")


def learn_prior(work: duckdb.DuckDBPyConnection, unit_count: int, parameters: Parameters) -> float:
    """Learn the prior: count the pairs that agree on an obvious key, and add those that errors and empty fields hide.

    The hidden share follows from the m values and from how often the fields are filled. The prior is bounded by what
    customer bases look like: between a tenth and twenty further records of the same person for each record.

    Args:
        work: The workspace; needs `units`.
        unit_count: The number of units.
        parameters: The parameters with u and m learnt.

    Returns:
        A probability.
    """
    count = max(unit_count, 2)
    lowest, highest = _MIN_PER_RECORD / count, min(_MAX_PRIOR, _MAX_PER_RECORD / count)
    if not any(block_pairs(work, keys) for keys in OBVIOUS.values()):
        return significant(min(_USUAL_PER_RECORD / count, highest))
    linker = linker_on(work, "units", lowest, parameters)
    # the recall is applied below: Splink refuses one under which a tiny set would hold more matches than pairs
    linker.training.estimate_probability_two_random_records_match([rule(keys) for keys in OBVIOUS.values()], recall=1.0)
    found = float(linker.misc.save_model_to_json()["probability_two_random_records_match"])
    return significant(min(max(found / _recall(work, parameters), lowest), highest))


def _recall(work: duckdb.DuckDBPyConnection, parameters: Parameters) -> float:
    agree = {
        "given_name": parameters["given_name"]["same"]["m"],
        "family_name": parameters["family_name"]["same"]["m"],
        "date_of_birth": parameters["date_of_birth"]["same"]["m"],
        "emails[1]": sum(parameters["email"][label]["m"] for label in SHARED_LABELS["email"]),
        "phones[1]": sum(parameters["phone"][label]["m"] for label in SHARED_LABELS["phone"]),
        "national_ids[1]": parameters["national_id"]["same"]["m"],
        "postcode": sum(parameters["address"][label]["m"] for label in _SAME_POSTCODE),
    }
    shares = work.execute(f"select {', '.join(f'count({key}) / count(*)' for key in agree)} from units").fetchall()[0]
    filled = dict(zip(agree, shares, strict=True))
    missed: float = math.prod(1 - math.prod(agree[key] * filled[key] ** 2 for key in keys) for keys in OBVIOUS.values())
    return min(max(1 - missed, _MIN_RECALL), _MAX_RECALL)
