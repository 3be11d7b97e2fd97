"""Match weights: the bits of evidence for one person under two null hypotheses, two strangers and one household.

Splink weighs one person against two strangers. Two members of one household are not strangers: all that they share
would count as many independent agreements. So every pair is weighed a second time against two members of a household,
with u_household and m_household instead of u and m, and both null hypotheses are added. ``identity/README.md`` has the
formulas; which part a comparison has in them is its `HouseholdRole`.
"""

import math
from collections.abc import Mapping

import duckdb

from identity.model.comparison import Comparison, HouseholdRole
from identity.model.comparisons import comparison, comparisons
from identity.model.comparisons_of_contacts import SEVERAL, SHARED_LABELS
from identity.model.levels import gammas_of, level_is
from identity.model.trained_model import TrainedModel, comparisons_of

# Twins share the date of birth, fathers and sons the name, and both share every contact: what remains of that agreement
_TWIN_OR_NAMESAKE_WEIGHT = 3.0

SAME_ADDRESS = level_is("address", "same", "similar")
_SAME_EMAIL, _SAME_PHONE = (level_is(name, *labels) for name, labels in SHARED_LABELS.items())
SHARES_CONTACT = f"({_SAME_EMAIL} or {_SAME_PHONE})"
ONLY_CONTACT = f"({SHARES_CONTACT} and not {SAME_ADDRESS})"
_ONE_FAMILY = f"({level_is('address', 'same_postcode')} and {level_is('family_name', 'same')})"
SHARES_HOUSEHOLD = f"{SHARES_CONTACT} or {SAME_ADDRESS} or {_ONE_FAMILY}"
# a contact on which strangers stand, as that of a call centre, does not make two equal names one person
_AGREES_BEYOND_NAMES = " or ".join(
    level_is(found.name, *(label for label in found.labels_beyond_names if label != SEVERAL))
    for found in comparisons()
    if found.is_beyond_names
)
# Names alone agree, and both an address and a contact differ: a person who changed all of it is rarer than a namesake,
# for in a customer base of many towns no name is as rare as its share of all records says
_FAR_NAMESAKE_PENALTY = 3.0
_FAR_NAMESAKE = (
    f"({level_is('address', 'different')} and ({level_is('phone', 'different', 'next_number')} "
    f"or {level_is('email', 'different', 'each_own_name')}))"
)
_NAMESAKE = f"({level_is('date_of_birth', 'different')} or {level_is('generation', 'different')})"
_TWIN = f"({level_is('given_name', 'different')} and {level_is('date_of_birth', 'same', 'one_change')})"


def create_weighed_pairs(
    work: duckdb.DuckDBPyConnection, model: TrainedModel, scored: str, weighed: str, further_weight: str = "0"
) -> None:
    """Create table `weighed`: one row per row of `scored`, with match_weight and conflict_weight in bits.

    match_weight: the evidence for one person against both null hypotheses. conflict_weight: the evidence against one
    person whatever the priors and whatever contacts are shared, zero or less; having little in common is no conflict.

    Args:
        work: The workspace.
        model: The trained model.
        scored: A table as `identity.scoring.scoring.score_pairs` creates it.
        weighed: The name of the new table.
        further_weight: SQL on the columns of `scored`: bits that count against two members of one household, too, and
            are in `stranger_weight` already.
    """
    prior_weight = math.log2(model.prior / (1 - model.prior))
    odds_weight = f"if({ONLY_CONTACT}, {math.log2(model.contact_odds)}, {math.log2(model.household_odds)})"
    work.execute(
        f"""
        create table {weighed} as
        with weights as (
            select * replace (
                    case
                        when {_AGREES_BEYOND_NAMES} then stranger_weight
                        when {_FAR_NAMESAKE}
                            then stranger_weight - {model.name_correlation_penalty + _FAR_NAMESAKE_PENALTY}
                        else stranger_weight - {model.name_correlation_penalty}
                    end as stranger_weight
                ),
                {_person_evidence(model)} + {further_weight} as person_weight,
                person_weight + {shared_evidence(model)} as household_weight
            from {scored}
        )

        select
            * exclude (person_weight, household_weight),
            round(-log2(pow(2, -stranger_weight) + pow(2, {odds_weight} - household_weight)), 4) as match_weight,
            round(least(0, person_weight, stranger_weight - ({prior_weight}), household_weight), 4)
                as conflict_weight
        from weights
        """
    )


def _person_evidence(model: TrainedModel) -> str:
    given = [_weight(model, found.name) for found in _of_role(model, HouseholdRole.GIVEN_NAME)]
    birth = [_weight(model, found.name) for found in _of_role(model, HouseholdRole.DATE_OF_BIRTH)]
    capped = [f"if({_NAMESAKE}, least({weight}, {_TWIN_OR_NAMESAKE_WEIGHT}), {weight})" for weight in given]
    capped += [f"if({_TWIN}, least({weight}, {_TWIN_OR_NAMESAKE_WEIGHT}), {weight})" for weight in birth]
    return " + ".join([*capped, personal_evidence(model)])


def personal_evidence(model: TrainedModel) -> str:
    """SQL of the bits that personal values (numbers, gender) add against two members of one household."""
    in_full = [_weight(model, found.name) for found in _of_role(model, HouseholdRole.PERSONAL)]
    # one card serves a couple, two cards are two members
    differences = [
        f"least({_weight(model, found.name)}, 0)" for found in _of_role(model, HouseholdRole.DIFFERENCE_ONLY)
    ]
    return " + ".join([*in_full, *differences])


def shared_evidence(model: TrainedModel) -> str:
    """SQL of the bits that family name and contacts add against two members of one household; an address adds none."""
    family = [_weight(model, found.name) for found in _of_role(model, HouseholdRole.FAMILY_NAME)]
    contacts = [_contact_weight(model, found.name) for found in _of_role(model, HouseholdRole.CONTACT)]
    differences = " + ".join(f"least({weight}, 0)" for weight in contacts)
    return " + ".join([*family, f"if({_TWIN} or {_NAMESAKE}, {differences}, {' + '.join(contacts)})"])


def _contact_weight(model: TrainedModel, comparison_name: str) -> str:
    # the one contact that makes two records members of a household is no evidence, beyond what kind of mailbox it is
    weight = _weight(model, comparison_name)
    is_shared = {"email": _SAME_EMAIL, "phone": f"not {_SAME_EMAIL}"}.get(comparison_name)
    if is_shared is None:
        return weight
    # the mailbox of a family is no evidence for a member of it, and none against
    if comparison_name == "email":
        weight = f"if({level_is('email', 'same_family_mailbox')}, greatest({weight}, 0), {weight})"
    shared = [model.parameters[comparison_name][label] for label in SHARED_LABELS[comparison_name]]
    usual = math.log2(sum(_within(values) for values in shared) / sum(values["u_household"] for values in shared))
    return f"({weight} - if({ONLY_CONTACT} and {is_shared}, {usual}, 0))"


def _of_role(model: TrainedModel, role: HouseholdRole) -> list[Comparison]:
    return [found for found in comparisons_of(model.parameters) if found.household_role is role]


def _within(values: Mapping[str, float]) -> float:
    return values.get("m_household", values["m"])


def level_weight(model: TrainedModel, comparison_name: str, against: str) -> str:
    """SQL of the bits that a pair's level of one comparison is worth under one null hypothesis.

    Args:
        model: The trained model.
        comparison_name: The comparison.
        against: "u" for two strangers, "u_household" for two members of one household.

    Returns:
        SQL of a number; 0 where the pair is not comparable.
    """
    weights = {
        label: math.log2((_within(v) if against == "u_household" else v["m"]) / v[against])
        for label, v in model.parameters[comparison_name].items()
    }
    return _by_level(comparison_name, weights, "0")


def household_weight(model: TrainedModel, comparison_name: str, label: str) -> float:
    """The bits that one level of a comparison is worth against two members of one household.

    A pair may count less of it: for twins, namesakes and shared contacts; see create_weighed_pairs.

    Args:
        model: The trained model.
        comparison_name: The comparison.
        label: The label of one of its levels, or of none.

    Returns:
        The bits; zero for what all members of a household share, and for what is not comparable.
    """
    values = model.parameters[comparison_name].get(label)
    if values is None or comparison(comparison_name).household_role is HouseholdRole.SHARED:
        return 0.0
    return math.log2(_within(values) / values["u_household"])


def _weight(model: TrainedModel, comparison_name: str) -> str:
    return level_weight(model, comparison_name, "u_household")


def _by_level(comparison_name: str, values: dict[str, float], not_comparable: str) -> str:
    whens = " ".join(
        f"when {gamma} then {values[label]:.6e}" for gamma, label in gammas_of(comparison(comparison_name)).items()
    )
    return f"(case gamma_{comparison_name} {whens} else {not_comparable}e0 end)"
