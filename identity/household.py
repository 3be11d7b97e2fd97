"""One person or two members of one household: the doubt that shared contacts, address and family name cannot settle.

Splink weighs one person against two strangers. Members of a household are no strangers: all that they share would
count as many independent agreements. So every pair is weighed a second time against a household, where only given name
and birth date tell people apart, and both doubts are added.
"""

import math

import duckdb

from identity.comparisons import comparisons
from identity.linking import gammas_of, level_is
from identity.model import TrainedModel

# Pairs of two people of a household for each pair of records of one person, until the data say otherwise
DEFAULT_HOUSEHOLD_ODDS = 0.5
_PAIRS_BEHIND_DEFAULT = 50
_LEAST_ODDS, _GREATEST_ODDS = 0.02, 2.0
_ITERATIONS = 30

# Twins share the birth date, fathers and sons the name, and both share every contact: what remains of that agreement
_TWIN_OR_NAMESAKE_WEIGHT = 3.0


def learn_household_odds(work: duckdb.DuckDBPyConnection, model: TrainedModel, scored: str) -> float:
    """How many pairs of table `scored` that share contact or address are two people, for each that is one person.

    Expectation maximisation with two classes whose levels are fixed (m and h values); the default counts as 50 pairs.
    The h values themselves are not learnt: free to move, the second class takes up whatever is hard to match.
    """
    terms = " * ".join(_ratio(model, comparison.name) for comparison in comparisons() if comparison.name != "address")
    patterns = work.execute(
        f"""
        select {terms} as ratio, count(*)
        from {scored}
        where {_SHARES_HOUSEHOLD}
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
    return float(f"{odds:.3g}")


_SHARES_HOUSEHOLD = " or ".join(
    [
        level_is("email", "same"),
        level_is("phone", "same"),
        level_is("address", "same", "similar"),
        f"({level_is('address', 'same_postcode')} and {level_is('family_name', 'same')})",
    ]
)


def create_weighed_pairs(work: duckdb.DuckDBPyConnection, model: TrainedModel, scored: str, weighed: str) -> None:
    """Create table `weighed`: the rows of `scored` with match_weight and conflict_weight, in bits.

    match_weight: for one person, against strangers and household both. conflict_weight: what speaks against one
    person whatever the priors, zero or less; a pair that merely has little in common is no conflict.
    """
    prior_weight = math.log2(model.prior / (1 - model.prior))
    odds_weight = -math.log2(model.household_odds)
    work.execute(
        f"""
        create table {weighed} as
        with weights as (
            select *, {odds_weight} + {_household_evidence(model)} as household_weight
            from {scored}
        )

        select
            * exclude (household_weight, stranger_weight),
            round(-log2(pow(2, -stranger_weight) + pow(2, -household_weight)), 4) as match_weight,
            round(least(0, stranger_weight - ({prior_weight}), household_weight - ({odds_weight})), 4)
                as conflict_weight
        from weights
        order by left_unit, right_unit
        """
    )


def _household_evidence(model: TrainedModel) -> str:
    # an address tells nobody of a household apart, so it is no term here
    given, family, birth, email, phone = (
        _weight(model, name) for name in ("given_name", "family_name", "birth_date", "email", "phone")
    )
    twin, namesake = level_is("given_name", "different"), level_is("birth_date", "different")
    return f"""
        {family}
        + if({namesake}, least({given}, {_TWIN_OR_NAMESAKE_WEIGHT}), {given})
        + if({twin}, least({birth}, {_TWIN_OR_NAMESAKE_WEIGHT}), {birth})
        + if({twin} or {namesake}, least({email}, 0) + least({phone}, 0), {email} + {phone})
    """


def _weight(model: TrainedModel, comparison_name: str) -> str:
    weights = {label: math.log2(v["m"] / v["h"]) for label, v in model.parameters[comparison_name].items()}
    return _by_level(comparison_name, weights, "0")


def _ratio(model: TrainedModel, comparison_name: str) -> str:
    ratios = {label: v["h"] / v["m"] for label, v in model.parameters[comparison_name].items()}
    return _by_level(comparison_name, ratios, "1")


def _by_level(comparison_name: str, values: dict[str, float], not_comparable: str) -> str:
    comparison = next(c for c in comparisons() if c.name == comparison_name)
    whens = " ".join(f"when {gamma} then {values[label]:.6e}" for gamma, label in gammas_of(comparison).items())
    return f"(case gamma_{comparison_name} {whens} else {not_comparable}e0 end)"
