"""One person or two members of one household: the doubt that shared contacts, address and family name cannot settle.

Splink weighs one person against two strangers. Members of a household are no strangers: all that they share would
count as many independent agreements. So every pair is weighed a second time against a household, where only given name
and birth date tell people apart, and both doubts are added.
"""

from dataclasses import replace

import duckdb

from identity.model.comparisons import comparison
from identity.model.levels import gammas_of, level_is
from identity.model.trained_model import TrainedModel, significant
from identity.scoring.match_weights import (
    ONLY_CONTACT,
    SAME_ADDRESS,
    SHARES_CONTACT,
    SHARES_HOUSEHOLD,
    level_weight,
    numbers_evidence,
    shared_evidence,
)

# Pairs of two people of a household for each pair of records of one person, until the data say otherwise
DEFAULT_HOUSEHOLD_ODDS = 0.5
_PAIRS_BEHIND_DEFAULT = 50
_MIN_ODDS, _MAX_ODDS = 0.005, 2.0
_ITERATIONS = 30


def learn_household(work: duckdb.DuckDBPyConnection, model: TrainedModel, scored: str) -> TrainedModel:
    """The model with household odds and the h values of given name, e-mail and phone learnt from table `scored`.

    Pairs of different birth dates at one address (or, for given names, with one contact) are two people of a household,
    but for the persons whose birth date is wrong; how many these are follows from the pairs of equal birth date.
    The other h values are not learnt: free to move, they would take up whatever pairs of one person are hard to match.
    """
    learnt = dict(model.parameters)
    for name, households, persons in (
        ("given_name", SHARES_HOUSEHOLD, SHARES_CONTACT),
        ("family_name", f"{SHARES_CONTACT} or {SAME_ADDRESS}", SHARES_CONTACT),
        ("email", SAME_ADDRESS, SAME_ADDRESS),
        ("phone", SAME_ADDRESS, SAME_ADDRESS),
    ):
        learnt[name] = _learn_levels(work, model, scored, name, households, persons)
    model = replace(model, parameters=learnt)
    return replace(
        model,
        household_odds=_learn_odds(work, model, scored, f"({SHARES_HOUSEHOLD}) and not ({ONLY_CONTACT})"),
        contact_odds=_learn_odds(work, model, scored, ONLY_CONTACT),
    )


def _learn_levels(
    work: duckdb.DuckDBPyConnection, model: TrainedModel, scored: str, name: str, households: str, persons: str
) -> dict[str, dict[str, float]]:
    compared = comparison(name)
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
        mistaken = person_pairs * birth["different"]["m"] * values[label]["m"]
        seen[label] = max(differing.get(gamma, 0) - mistaken, 0.0)
    # the default h is a guess, worth one pair a level; the m from which w starts was learnt
    guessed = len(compared.levels)
    behind = sum(seen.values()) + guessed
    learnt = {
        level.label: significant((seen[level.label] + level.u_household * guessed) / behind)
        for level in compared.levels
    }
    same_by_gamma = {gamma: same for gamma, _, _, same in rows}
    alike = {label: same_by_gamma.get(gamma, 0) for gamma, label in gammas_of(compared).items()}
    total = sum(alike.values()) + _PAIRS_BEHIND_DEFAULT
    within = {
        label: significant((alike[label] + values[label]["m"] * _PAIRS_BEHIND_DEFAULT) / total) for label in values
    }
    return {
        label: {**known, "u_household": learnt[label], "m_household": within[label]} for label, known in values.items()
    }


def _learn_odds(work: duckdb.DuckDBPyConnection, model: TrainedModel, scored: str, among: str) -> float:
    # expectation maximisation with two classes, one person and two of a household, whose levels are fixed; here twins
    # and namesakes need no caution: where there are many, the birth dates of the other pairs show the households too
    told_apart = " + ".join(
        [
            level_weight(model, "given_name", "u_household"),
            level_weight(model, "date_of_birth", "u_household"),
            numbers_evidence(model),
        ]
    )
    evidence = f"{told_apart} + {shared_evidence(model)}"
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
        odds = min(max(odds, _MIN_ODDS), _MAX_ODDS)
    return significant(odds)
