"""Match weights: the bits for one person, against two strangers and against two members of one household.

Splink weighs one person against two strangers. Members of a household are no strangers: all that they share would
count as many independent agreements. So every pair is weighed a second time against a household, where only given name
and birth date tell people apart, and both doubts are added.
"""

import math
from collections.abc import Mapping

import duckdb

from identity.model.comparisons import comparison
from identity.model.levels import gammas_of, level_is
from identity.model.trained_model import TrainedModel

# Twins share the birth date, fathers and sons the name, and both share every contact: what remains of that agreement
_TWIN_OR_NAMESAKE_WEIGHT = 3.0


SAME_ADDRESS = level_is("address", "same", "similar")


_SAME_EMAIL, _SAME_PHONE = level_is("email", "same", "same_family_mailbox"), level_is("phone", "same")


SHARES_CONTACT = f"({_SAME_EMAIL} or {_SAME_PHONE})"


ONLY_CONTACT = f"({SHARES_CONTACT} and not {SAME_ADDRESS})"


_ONE_FAMILY = f"({level_is('address', 'same_postcode')} and {level_is('family_name', 'same')})"


SHARES_HOUSEHOLD = f"{SHARES_CONTACT} or {SAME_ADDRESS} or {_ONE_FAMILY}"


def create_weighed_pairs(work: duckdb.DuckDBPyConnection, model: TrainedModel, scored: str, weighed: str) -> None:
    """Create table `weighed`: the rows of `scored` with match_weight and conflict_weight, in bits.

    match_weight: for one person, against strangers and household both. conflict_weight: what speaks against one
    person whatever the priors and whatever contacts are shared, zero or less; having little in common is no conflict.
    """
    prior_weight = math.log2(model.prior / (1 - model.prior))
    odds_weight = f"if({ONLY_CONTACT}, {math.log2(model.contact_odds)}, {math.log2(model.household_odds)})"
    work.execute(
        f"""
        create table {weighed} as
        with weights as (
            select * replace (
                    if({_AGREES_BEYOND_NAMES}, stranger_weight, stranger_weight - {model.name_correlation_penalty})
                        as stranger_weight
                ),
                {_person_evidence(model)} as person_weight,
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


_AGREES_BEYOND_NAMES = (
    f"gamma_date_of_birth > 0 or {level_is('email', 'same', 'same_family_mailbox', 'same_user', 'close', 'close_name')}"
    f" or {level_is('email', 'alike')}"
    " or gamma_phone > 0 or gamma_national_id > 0"
    # a town says hardly more than the names, which go by region themselves
    f" or {level_is('address', 'same', 'similar', 'same_postcode', 'another_street')}"
)


_NAMESAKE = level_is("date_of_birth", "different")


_TWIN = f"({level_is('given_name', 'different')} and {level_is('date_of_birth', 'same', 'one_change')})"


def _person_evidence(model: TrainedModel) -> str:
    given, birth = _weight(model, "given_name"), _weight(model, "date_of_birth")
    return f"""
        if({_NAMESAKE}, least({given}, {_TWIN_OR_NAMESAKE_WEIGHT}), {given})
        + if({_TWIN}, least({birth}, {_TWIN_OR_NAMESAKE_WEIGHT}), {birth})
        + {numbers_evidence(model)}
    """


def numbers_evidence(model: TrainedModel) -> str:
    """SQL of the bits that numbers and gender add against two members of one household."""
    # one card serves a couple, two cards are two members: only the difference says something
    national_id, gender, loyalty = (_weight(model, name) for name in ("national_id", "gender", "loyalty_number"))
    return f"{national_id} + {gender} + least({loyalty}, 0)"


def shared_evidence(model: TrainedModel) -> str:
    """SQL of the bits that family name, e-mail and phone add against two members of one household."""
    # an address tells nobody of a household apart, so it is no term here; nor does the one contact
    # that makes two records members of a household, beyond what kind of mailbox it is
    family, email, phone = (_weight(model, name) for name in ("family_name", "email", "phone"))
    # the mailbox of a family speaks for nobody of the family, and against nobody
    email = f"if({level_is('email', 'same_family_mailbox')}, greatest({email}, 0), {email})"
    shared = [model.parameters["email"][label] for label in ("same", "same_family_mailbox")]
    usual = math.log2(sum(_within(values) for values in shared) / sum(values["u_household"] for values in shared))
    email = f"({email} - if({ONLY_CONTACT} and {_SAME_EMAIL}, {usual}, 0))"
    phone = f"if({ONLY_CONTACT} and not {_SAME_EMAIL}, 0, {phone})"
    return f"{family} + if({_TWIN} or {_NAMESAKE}, least({email}, 0) + least({phone}, 0), {email} + {phone})"


def _within(values: Mapping[str, float]) -> float:
    return values.get("m_household", values["m"])


def level_weight(model: TrainedModel, comparison_name: str, against: str) -> str:
    """SQL of the bits that a pair's level of one comparison says for one person, against "u" or "u_household"."""
    weights = {
        label: math.log2((_within(v) if against == "u_household" else v["m"]) / v[against])
        for label, v in model.parameters[comparison_name].items()
    }
    return _by_level(comparison_name, weights, "0")


# The address is what a household shares, so that it is not among these
_TELLS_APART = (
    "given_name",
    "date_of_birth",
    "national_id",
    "gender",
    "loyalty_number",
    "family_name",
    "email",
    "phone",
)


def household_weight(model: TrainedModel, comparison_name: str, label: str) -> float:
    """The bits that one level of a comparison says for one person against two members of one household.

    Zero for what tells nobody of a household apart, and for what is not comparable. A pair may count less of it: twins,
    namesakes and shared contacts have their own caution; see create_weighed_pairs.
    """
    values = model.parameters[comparison_name].get(label)
    if values is None or comparison_name not in _TELLS_APART:
        return 0.0
    return math.log2(_within(values) / values["u_household"])


def _weight(model: TrainedModel, comparison_name: str) -> str:
    return level_weight(model, comparison_name, "u_household")


def _by_level(comparison_name: str, values: dict[str, float], not_comparable: str) -> str:
    whens = " ".join(
        f"when {gamma} then {values[label]:.6e}" for gamma, label in gammas_of(comparison(comparison_name)).items()
    )
    return f"(case gamma_{comparison_name} {whens} else {not_comparable}e0 end)"
