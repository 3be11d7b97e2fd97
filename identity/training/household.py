"""Learning the second null hypothesis: what two members of one household agree on, and how many such pairs there are.

`identity.scoring.match_weights` computes with what is learnt here; ``identity/README.md`` has the formulas.
"""

from dataclasses import replace

import duckdb

from identity.model.comparison import Comparison, HouseholdRole
from identity.model.levels import gammas_of, level_is
from identity.model.trained_model import TrainedModel, comparisons_of, significant
from identity.scoring.match_weights import (
    ONLY_CONTACT,
    SAME_ADDRESS,
    SHARES_CONTACT,
    SHARES_HOUSEHOLD,
    level_weight,
    personal_evidence,
    shared_evidence,
)

# Pairs of two members of a household for each pair of records of one person, until the data say otherwise
DEFAULT_HOUSEHOLD_ODDS = 0.5
_DEFAULT_SUPPORT = 50  # the default counts as much as this many pairs
_MIN_ODDS, _MAX_ODDS = 0.005, 2.0
_ITERATIONS = 30

# The roles whose u_household and m_household are learnt, with the pairs that count: of which two members of a household
# are taken, and of which the records of one person
_LEARNT_AMONG = {
    HouseholdRole.GIVEN_NAME: (SHARES_HOUSEHOLD, SHARES_CONTACT),
    HouseholdRole.FAMILY_NAME: (f"{SHARES_CONTACT} or {SAME_ADDRESS}", SHARES_CONTACT),
    HouseholdRole.CONTACT: (SAME_ADDRESS, SAME_ADDRESS),
}


def learn_household(work: duckdb.DuckDBPyConnection, model: TrainedModel, scored: str) -> TrainedModel:
    """Learn the household odds, and u_household and m_household of names, e-mail and phone.

    Pairs of different dates of birth at one address (or, for names, with one contact) are two members of a household,
    but for the persons whose date of birth is wrong; how many these are follows from the pairs of equal date of birth.
    The other u_household values are not learnt: free to move, they would take up whatever pairs of one person are hard
    to match.

    Args:
        work: The workspace.
        model: The model that training made, with default household values.
        scored: A table of all candidate pairs, as `identity.scoring.scoring.score_pairs` creates it.

    Returns:
        The model with household values learnt from the scored pairs.
    """
    learnt = dict(model.parameters)
    for compared in comparisons_of(model.parameters):
        if compared.household_role in _LEARNT_AMONG:
            learnt[compared.name] = _learn_levels(work, model, scored, compared)
    model = replace(model, parameters=learnt)
    return replace(
        model,
        household_odds=_learn_odds(work, model, scored, f"({SHARES_HOUSEHOLD}) and not ({ONLY_CONTACT})"),
        contact_odds=_learn_odds(work, model, scored, ONLY_CONTACT),
    )


def _learn_levels(
    work: duckdb.DuckDBPyConnection, model: TrainedModel, scored: str, compared: Comparison
) -> dict[str, dict[str, float]]:
    households, persons = _LEARNT_AMONG[compared.household_role]
    name = compared.name
    birth, values = model.parameters["date_of_birth"], model.parameters[name]
    rows = work.execute(
        f"""
        select
            gamma_{name},
            count(*) filter ({level_is("date_of_birth", "different")} and ({households})),
            count(*) filter ({level_is("date_of_birth", "same")} and ({households})),
            count(*) filter ({level_is("date_of_birth", "same")} and ({persons}))
        from {scored}
        where gamma_{name} >= 0
        group by gamma_{name}
        """
    ).fetchall()
    person_pairs = sum(same for _, _, same, _ in rows) / birth["same"]["m"]
    differing = {gamma: differ for gamma, differ, _, _ in rows}
    seen = {}
    for gamma, label in gammas_of(compared).items():
        # records of one person whose date of birth is wrong
        mistaken = person_pairs * birth["different"]["m"] * values[label]["m"]
        seen[label] = max(differing.get(gamma, 0) - mistaken, 0.0)
    # the default u_household is a guess, worth one pair a level; the m from which m_household starts was learnt
    guessed = len(compared.levels)
    support = sum(seen.values()) + guessed
    learnt = {
        level.label: significant((seen[level.label] + level.u_household * guessed) / support)
        for level in compared.levels
    }
    same_by_gamma = {gamma: same for gamma, _, _, same in rows}
    alike = {label: same_by_gamma.get(gamma, 0) for gamma, label in gammas_of(compared).items()}
    total = sum(alike.values()) + _DEFAULT_SUPPORT
    within = {label: significant((alike[label] + values[label]["m"] * _DEFAULT_SUPPORT) / total) for label in values}
    return {
        label: {**known, "u_household": learnt[label], "m_household": within[label]} | _fixed(compared).get(label, {})
        for label, known in values.items()
    }


def _fixed(compared: Comparison) -> dict[str, dict[str, float]]:
    fixed = (level for level in compared.levels if level.is_household_fixed)
    return {level.label: {"u_household": level.u_household, "m_household": level.m} for level in fixed}


def _learn_odds(work: duckdb.DuckDBPyConnection, model: TrainedModel, scored: str, among: str) -> float:
    # expectation maximisation with two classes, one person and two of a household, whose levels are fixed; here twins
    # and namesakes need no cap: where there are many, the dates of birth of the other pairs show the households too
    personal = " + ".join(
        [
            level_weight(model, "given_name", "u_household"),
            level_weight(model, "date_of_birth", "u_household"),
            personal_evidence(model),
        ]
    )
    evidence = f"{personal} + {shared_evidence(model)}"
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
        odds = (households + DEFAULT_HOUSEHOLD_ODDS * _DEFAULT_SUPPORT) / (persons + _DEFAULT_SUPPORT)
        odds = min(max(odds, _MIN_ODDS), _MAX_ODDS)
    return significant(odds)
