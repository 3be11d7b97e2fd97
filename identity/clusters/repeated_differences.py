"""Contacts that differ between all of several records: more evidence of two people than one difference.

A person who has two phones has them on records of both kinds of mailbox. When each record of one cluster has the one
phone and each record of the other cluster the other, two people (father and son of one name) are more likely than one
who never mixed them. The more records, the less likely is it that one person did.
"""

import math

from identity.model.comparison import Comparison, HouseholdRole
from identity.model.comparisons_of_contacts import SHARED_LABELS
from identity.model.levels import level_is
from identity.model.trained_model import TrainedModel, comparisons_of
from identity.scoring.match_weights import household_weight

# Records of one source are copies of each other in part, so that more of them say no more
_MAX_RECORDS = 5


def contacts(model: TrainedModel) -> list[Comparison]:
    """The comparisons of contacts, in their order."""
    return [found for found in comparisons_of(model.parameters) if found.household_role is HouseholdRole.CONTACT]


def repeated_differences(model: TrainedModel) -> str:
    """SQL of the bits, zero or less, by which repetition makes the differences of a cluster pair's contacts stronger.

    Several records of each cluster must hold the contact. A difference counts twice at most: what it weighs against two
    members of one household is added once more, or less where few records repeat it.

    Args:
        model: The trained model; how often two records of one person share a contact says how a person uses two.

    Returns:
        SQL on the gammas of a pair of clusters, and on the numbers of records that hold the contact on both sides:
        `<comparison>_holders` of `lc` and `rc`, null for a cluster of one record.
    """
    return " + ".join(_repeated(model, found) for found in contacts(model))


def _repeated(model: TrainedModel, compared: Comparison) -> str:
    left, right = (f"least(coalesce({side}.{compared.name}_holders, 1), {_MAX_RECORDS})" for side in ("lc", "rc"))
    apart = f"({_both_ways(model, compared, left, right)})"
    labels = (level.label for level in compared.levels if level.condition == "ELSE" or not level.is_agreement)
    whens = " ".join(
        f"when {level_is(compared.name, label)} and {left} > 1 and {right} > 1 "
        f"then greatest({apart}, {min(household_weight(model, compared.name, label), 0.0)})"
        for label in labels
    )
    return f"(case {whens} else 0e0 end)"


def _both_ways(model: TrainedModel, compared: Comparison, left: str, right: str) -> str:
    # how likely all records of one person are apart, each cluster with one contact, against two records; a person uses
    # one of two contacts with the shares p and q, so that two records have the same one with p * p + q * q
    values = model.parameters[compared.name]
    same = sum(values[label].get("m_household", values[label]["m"]) for label in SHARED_LABELS[compared.name])
    p = (1 + math.sqrt(max(2 * same - 1, 0.0))) / 2
    q = max(1 - p, 1e-6)
    apart = f"(pow({p}, {left}) * pow({q}, {right}) + pow({q}, {left}) * pow({p}, {right}))"
    within = f"((pow({p}, {left}) + pow({q}, {left})) * (pow({p}, {right}) + pow({q}, {right})))"
    return f"log2({apart} / {within} / {2 * p * q})"
