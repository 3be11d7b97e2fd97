"""One person or two members of one household: the doubt that shared contacts, address and family name cannot settle.

Splink weighs one person against two strangers. Members of a household are no strangers: all that they share would
count as many independent agreements. So every pair is weighed a second time against a household, where only given name
and birth date tell people apart, and both doubts are added.
"""

import math
from collections.abc import Mapping
from dataclasses import replace

import duckdb

from identity.comparisons import comparison
from identity.linking import gammas_of, level_is
from identity.model import TrainedModel, significant

# Pairs of two people of a household for each pair of records of one person, until the data say otherwise
DEFAULT_HOUSEHOLD_ODDS = 0.5
_PAIRS_BEHIND_DEFAULT = 50
_LEAST_ODDS, _GREATEST_ODDS = 0.005, 2.0
_ITERATIONS = 30

# Twins share the birth date, fathers and sons the name, and both share every contact: what remains of that agreement
_TWIN_OR_NAMESAKE_WEIGHT = 3.0


def learn_household(work: duckdb.DuckDBPyConnection, model: TrainedModel, scored: str) -> TrainedModel:
    """The model with household odds and the h values of given name, e-mail and phone learnt from table `scored`.

    Pairs of different birth dates at one address (or, for given names, with one contact) are two people of a household,
    but for the persons whose birth date is wrong; how many these are follows from the pairs of equal birth date.
    The other h values are not learnt: free to move, they would take up whatever pairs of one person are hard to match.
    """
    learnt = dict(model.parameters)
    for name, households, persons in (
        ("given_name", _SHARES_HOUSEHOLD, _SHARES_CONTACT),
        ("family_name", f"{_SHARES_CONTACT} or {_SAME_ADDRESS}", _SHARES_CONTACT),
        ("email", _SAME_ADDRESS, _SAME_ADDRESS),
        ("phone", _SAME_ADDRESS, _SAME_ADDRESS),
    ):
        learnt[name] = _learn_levels(work, model, scored, name, households, persons)
    model = replace(model, parameters=learnt)
    return replace(
        model,
        household_odds=_learn_odds(work, model, scored, f"({_SHARES_HOUSEHOLD}) and not ({_ONLY_CONTACT})"),
        contact_odds=_learn_odds(work, model, scored, _ONLY_CONTACT),
    )


def _learn_levels(
    work: duckdb.DuckDBPyConnection, model: TrainedModel, scored: str, name: str, households: str, persons: str
) -> dict[str, dict[str, float]]:
    compared = comparison(name)
    birth, values = model.parameters["birth_date"], model.parameters[name]
    rows = work.execute(
        f"""
        select
            gamma_{name},
            count(*) filter ({level_is("birth_date", "different")} and ({households})),
            count(*) filter ({level_is("birth_date", "same")} and ({households})),
            count(*) filter ({level_is("birth_date", "same")} and ({persons}))
        from {scored}
        where gamma_{name} >= 0
        group by gamma_{name}
        """
    ).fetchall()
    person_pairs = sum(same for _, _, same, _ in rows) / birth["same"]["m"]
    differing = {gamma: differ for gamma, differ, _, _ in rows}
    seen = {}
    for gamma, label in gammas_of(compared).items():
        mistaken = person_pairs * birth["different"]["m"] * values[label]["m"]
        seen[label] = max(differing.get(gamma, 0) - mistaken, 0.0)
    # the default h is a guess, worth one pair a level; the m from which w starts was learnt
    guessed = len(compared.levels)
    behind = sum(seen.values()) + guessed
    learnt = {level.label: significant((seen[level.label] + level.h * guessed) / behind) for level in compared.levels}
    same_by_gamma = {gamma: same for gamma, _, _, same in rows}
    alike = {label: same_by_gamma.get(gamma, 0) for gamma, label in gammas_of(compared).items()}
    total = sum(alike.values()) + _PAIRS_BEHIND_DEFAULT
    within = {
        label: significant((alike[label] + values[label]["m"] * _PAIRS_BEHIND_DEFAULT) / total) for label in values
    }
    return {label: {**known, "h": learnt[label], "w": within[label]} for label, known in values.items()}


def _learn_odds(work: duckdb.DuckDBPyConnection, model: TrainedModel, scored: str, among: str) -> float:
    # expectation maximisation with two classes, one person and two of a household, whose levels are fixed; here twins
    # and namesakes need no caution: where there are many, the birth dates of the other pairs show the households too
    told_apart = " + ".join([_weight(model, "given_name"), _weight(model, "birth_date"), _numbers_evidence(model)])
    evidence = f"{told_apart} + {_shared_evidence(model)}"
    patterns = work.execute(
        f"""
        select round(pow(2, -({evidence})), 9) as ratio, count(*)
        from {scored}
        where {among}
        group by ratio
        order by ratio
        """
    ).fetchall()
    odds = DEFAULT_HOUSEHOLD_ODDS
    for _ in range(_ITERATIONS):
        households = sum(count * odds * ratio / (1 + odds * ratio) for ratio, count in patterns)
        persons = sum(count for _, count in patterns) - households
        odds = (households + DEFAULT_HOUSEHOLD_ODDS * _PAIRS_BEHIND_DEFAULT) / (persons + _PAIRS_BEHIND_DEFAULT)
        odds = min(max(odds, _LEAST_ODDS), _GREATEST_ODDS)
    return significant(odds)


_SAME_ADDRESS = level_is("address", "same", "similar")
_SAME_EMAIL, _SAME_PHONE = level_is("email", "same", "same_family_mailbox"), level_is("phone", "same")
_SHARES_CONTACT = f"({_SAME_EMAIL} or {_SAME_PHONE})"
_ONLY_CONTACT = f"({_SHARES_CONTACT} and not {_SAME_ADDRESS})"
_ONE_FAMILY = f"({level_is('address', 'same_postcode')} and {level_is('family_name', 'same')})"
_SHARES_HOUSEHOLD = f"{_SHARES_CONTACT} or {_SAME_ADDRESS} or {_ONE_FAMILY}"


def create_weighed_pairs(work: duckdb.DuckDBPyConnection, model: TrainedModel, scored: str, weighed: str) -> None:
    """Create table `weighed`: the rows of `scored` with match_weight and conflict_weight, in bits.

    match_weight: for one person, against strangers and household both. conflict_weight: what speaks against one
    person whatever the priors and whatever contacts are shared, zero or less; having little in common is no conflict.
    """
    prior_weight = math.log2(model.prior / (1 - model.prior))
    odds_weight = f"if({_ONLY_CONTACT}, {math.log2(model.contact_odds)}, {math.log2(model.household_odds)})"
    work.execute(
        f"""
        create table {weighed} as
        with weights as (
            select * replace (
                    if({_AGREES_BEYOND_NAMES}, stranger_weight, stranger_weight - {model.names_doubt})
                        as stranger_weight
                ),
                {_person_evidence(model)} as person_weight,
                person_weight + {_shared_evidence(model)} as household_weight
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
    f"gamma_birth_date > 0 or {level_is('email', 'same', 'same_family_mailbox', 'same_user', 'close', 'close_name')}"
    f" or {level_is('email', 'alike')}"
    " or gamma_phone > 0 or gamma_national_id > 0"
    # a town says hardly more than the names, which go by region themselves
    f" or {level_is('address', 'same', 'similar', 'same_postcode', 'another_street')}"
)


_NAMESAKE = level_is("birth_date", "different")
_TWIN = f"({level_is('given_name', 'different')} and {level_is('birth_date', 'same', 'one_change')})"


def _person_evidence(model: TrainedModel) -> str:
    given, birth = _weight(model, "given_name"), _weight(model, "birth_date")
    return f"""
        if({_NAMESAKE}, least({given}, {_TWIN_OR_NAMESAKE_WEIGHT}), {given})
        + if({_TWIN}, least({birth}, {_TWIN_OR_NAMESAKE_WEIGHT}), {birth})
        + {_numbers_evidence(model)}
    """


def _numbers_evidence(model: TrainedModel) -> str:
    # one card serves a couple, two cards are two members: only the difference says something
    national_id, gender, loyalty = (_weight(model, name) for name in ("national_id", "gender", "loyalty_number"))
    return f"{national_id} + {gender} + least({loyalty}, 0)"


def _shared_evidence(model: TrainedModel) -> str:
    # an address tells nobody of a household apart, so it is no term here; nor does the one contact
    # that makes two records members of a household, beyond what kind of mailbox it is
    family, email, phone = (_weight(model, name) for name in ("family_name", "email", "phone"))
    # the mailbox of a family speaks for nobody of the family, and against nobody
    email = f"if({level_is('email', 'same_family_mailbox')}, greatest({email}, 0), {email})"
    shared = [model.parameters["email"][label] for label in ("same", "same_family_mailbox")]
    usual = math.log2(sum(_within(values) for values in shared) / sum(values["h"] for values in shared))
    email = f"({email} - if({_ONLY_CONTACT} and {_SAME_EMAIL}, {usual}, 0))"
    phone = f"if({_ONLY_CONTACT} and not {_SAME_EMAIL}, 0, {phone})"
    return f"{family} + if({_TWIN} or {_NAMESAKE}, least({email}, 0) + least({phone}, 0), {email} + {phone})"


def _within(values: Mapping[str, float]) -> float:
    return values.get("w", values["m"])


def level_weight(model: TrainedModel, comparison_name: str, against: str) -> str:
    """SQL of the bits that a pair's level of one comparison says for one person, against "u" or "h"."""
    weights = {
        label: math.log2((_within(v) if against == "h" else v["m"]) / v[against])
        for label, v in model.parameters[comparison_name].items()
    }
    return _by_level(comparison_name, weights, "0")


# The address is what a household shares, so that it is not among these
_TELLS_APART = ("given_name", "birth_date", "national_id", "gender", "loyalty_number", "family_name", "email", "phone")


def household_weight(model: TrainedModel, comparison_name: str, label: str) -> float:
    """The bits that one level of a comparison says for one person against two members of one household.

    Zero for what tells nobody of a household apart, and for what is not comparable. A pair may count less of it: twins,
    namesakes and shared contacts have their own caution; see create_weighed_pairs.
    """
    values = model.parameters[comparison_name].get(label)
    if values is None or comparison_name not in _TELLS_APART:
        return 0.0
    return math.log2(_within(values) / values["h"])


def _weight(model: TrainedModel, comparison_name: str) -> str:
    return level_weight(model, comparison_name, "h")


def _by_level(comparison_name: str, values: dict[str, float], not_comparable: str) -> str:
    whens = " ".join(
        f"when {gamma} then {values[label]:.6e}" for gamma, label in gammas_of(comparison(comparison_name)).items()
    )
    return f"(case gamma_{comparison_name} {whens} else {not_comparable}e0 end)"
