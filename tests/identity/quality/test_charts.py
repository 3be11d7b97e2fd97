"""The charts hold weights and counts, and nothing of anybody."""

import json

from identity import Limits
from identity.explanation.pair_weights import weigh_pairs
from identity.explanation.wording import words_of_level
from identity.model.comparisons import comparisons
from identity.prepare.records import PLATFORM_MAPPING
from identity.quality.charts import (
    cluster_sizes_chart,
    match_weights_chart,
    own_weights_chart,
    scores_chart,
    waterfall_chart,
)
from identity.quality.figures import Figures

PEOPLE = {
    "a": {"given_name": "Jane", "family_name": "Doe", "emails": ["jane.doe@example.com"]},
    "b": {"given_name": "Jnae", "family_name": "Doe", "emails": ["jane.doe@example.com"]},
}
FIGURES = Figures({-3: 5, 4: 7}, {(-8, True): 2, (9, False): 6}, 0.25)


def test_every_level_of_every_comparison_has_words_of_its_own() -> None:
    levels = [
        (c.name, level)
        for c in comparisons(["attribute_eye_colour"])
        for level in [*(v.label for v in c.levels), "not_comparable"]
    ]

    assert [level for level in levels if ":" in words_of_level(*level)] == []


def test_the_weights_chart_shows_every_level(untaught_model) -> None:
    rows = match_weights_chart(untaught_model)["data"]["values"]

    assert len(rows) == sum(len(comparison.levels) for comparison in comparisons())
    assert {row["bits"] > 0 for row in rows if "same " in row["level"]} == {True}


def test_the_waterfall_ends_at_the_weight_of_the_pair_and_shows_no_value(
    person_records, resolve_people, untaught_model
) -> None:
    shared = resolve_people(PEOPLE).shared_identifiers
    pair = weigh_pairs(person_records(PEOPLE), PLATFORM_MAPPING, [("a", "b")], untaught_model, shared)["a", "b"]

    chart = waterfall_chart(pair)

    *steps, total = chart["data"]["values"]
    assert abs(steps[-1]["to"] - total["to"]) < 1e-3
    assert not any(value in json.dumps(chart) for value in ("Jane", "Doe", "example.com"))


def test_large_profiles_are_counted_together() -> None:
    rows = cluster_sizes_chart({1: 10, 15: 1, 40: 2})["data"]["values"]

    assert rows == [{"records": "1", "profiles": 10}, {"records": "15+", "profiles": 3}]


def test_scores_and_evidence_are_shown_with_both_thresholds() -> None:
    for chart in (scores_chart(FIGURES, Limits()), own_weights_chart(FIGURES, Limits())):
        assert [row["label"] for row in chart["layer"][1]["data"]["values"]] == ["review 50%", "link 67%"]


def test_figures_count_every_weighed_pair_and_find_records_that_can_never_link(resolve_people) -> None:
    people = {**PEOPLE, "c": {"city": "York"}, "d": {"given_name": "Ann", "family_name": "Lee"}}

    figures = resolve_people(people, with_figures=True).figures

    assert sum(figures.pairs_by_weight.values()) == 1
    assert sum(figures.units_by_own_weight.values()) == 4
    assert figures.unlinkable_share == 0.5, "a town, or a name, alone"
