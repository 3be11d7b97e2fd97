"""The name-correlation penalty: given and family names are correlated, by language, region and fashion.

So strangers share a full name more often than the product of both u values says.
"""

import math

import duckdb

from identity.model.trained_model import Parameters, significant
from identity.training.training_blocks import all_filled, block_pairs

# Bits, until the data say otherwise; they count as much as one expected pair of strangers with one full name
_DEFAULT_PENALTY = 4.0
_MAX_PENALTY = 8.0


def learn_name_correlation_penalty(work: duckdb.DuckDBPyConnection, parameters: Parameters) -> float:
    """The bits that two agreeing names lose against strangers, because they are not independent of each other.

    Strangers with one full name are the pairs whose date of birth and postcode both differ. Their number is compared
    with the number that the u values of given and family name, as independent probabilities, predict.

    Args:
        work: The workspace; needs `units`.
        parameters: The parameters with u and m learnt.

    Returns:
        The penalty in bits, zero or more.
    """
    names = ("given_name", "family_name")
    total = block_pairs(work, names, "date_of_birth")
    same_birth = block_pairs(work, (*names, "date_of_birth"))
    same_postcode = block_pairs(work, (*names, "postcode"), "date_of_birth")
    both = block_pairs(work, (*names, "postcode", "date_of_birth"))
    # persons whose date of birth is wrong in one record and who moved as well
    mistaken = (same_birth - both) * (1 / parameters["date_of_birth"]["same"]["m"] - 1)
    strangers = max(total - same_birth - same_postcode + both - mistaken, 0.0)
    filled = work.execute(f"select count(*) from units where {all_filled((*names, 'date_of_birth'))}").fetchall()[0][0]
    expected = filled * (filled - 1) / 2 * math.prod(parameters[name]["same"]["u"] for name in names)
    penalty = math.log2((strangers + 2**_DEFAULT_PENALTY) / (expected + 1))
    return significant(min(max(penalty, 0.0), _MAX_PENALTY))
