"""How much rarer a full name looks than it is: given and family names go together, by language, region and fashion."""

import math

import duckdb

from identity.model.trained_model import Parameters, significant
from identity.training.training_blocks import block_pairs

# Bits, until the data say otherwise; they count as much as one expected pair of strangers of one full name
_DEFAULT_PENALTY = 4.0
_MAX_PENALTY = 8.0


def learn_name_correlation_penalty(work: duckdb.DuckDBPyConnection, parameters: Parameters) -> float:
    """The bits that two agreeing names lose against strangers, because they are not independent of each other.

    Strangers of one full name are the pairs whose birth dates and postcodes both differ; so many of them are expected
    as given and family names, each by itself, agree between strangers.
    """
    names = ("given_name", "family_name")
    total = block_pairs(work, names, "date_of_birth")
    alike = block_pairs(work, (*names, "date_of_birth"))
    near = block_pairs(work, (*names, "postcode"), "date_of_birth")
    both = block_pairs(work, (*names, "postcode", "date_of_birth"))
    # people whose birth date is wrong in one place and who moved as well
    mistaken = (alike - both) * (1 / parameters["date_of_birth"]["same"]["m"] - 1)
    strangers = max(total - alike - near + both - mistaken, 0.0)
    filled = work.execute(
        "select count(*) from units where given_name is not null and family_name is not null and date_of_birth is not null"
    ).fetchall()[0][0]
    expected = filled * (filled - 1) / 2 * math.prod(parameters[name]["same"]["u"] for name in names)
    doubt = math.log2((strangers + 2**_DEFAULT_PENALTY) / (expected + 1))
    return significant(min(max(doubt, 0.0), _MAX_PENALTY))
