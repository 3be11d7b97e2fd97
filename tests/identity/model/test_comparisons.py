"""What a comparison declares of itself is complete, and the rest of the package reads it."""

from dataclasses import replace

import pytest

from identity.explanation.weighed_pair import Finding, WeighedPair
from identity.model.comparison import NOT_COMPARABLE, Comparison, HouseholdRole
from identity.model.comparisons import comparison, comparisons, find_comparison
from identity.model.trained_model import TrainedModel
from identity.scoring.match_weights import household_weight

ALL = comparisons(["attribute_eye_colour"])
by_name = pytest.mark.parametrize("compared", ALL, ids=lambda compared: compared.name)


@by_name
def test_the_levels_of_a_comparison_have_labels_of_their_own_and_end_with_different(compared: Comparison) -> None:
    labels = [level.label for level in compared.levels]

    assert len(set(labels)) == len(labels)
    assert (compared.levels[-1].label, compared.levels[-1].condition) == ("different", "ELSE")


@by_name
def test_the_default_m_values_of_a_comparison_add_up_to_about_one(compared: Comparison) -> None:
    assert sum(level.m for level in compared.levels) == pytest.approx(1, abs=0.05)


@by_name
def test_every_level_has_words_of_its_own(compared: Comparison) -> None:
    words = [compared.words_of(label) for label in (*(level.label for level in compared.levels), NOT_COMPARABLE)]

    assert len(set(words)) == len(words)
    assert not any(":" in text for text in words)


def test_a_level_that_this_code_does_not_know_is_shown_by_its_name() -> None:
    assert comparison("phone").words_of("same_prefix") == "phone: same prefix"


def test_an_unknown_comparison_is_named() -> None:
    assert find_comparison("shoe_size") is None
    with pytest.raises(KeyError, match="shoe_size"):
        comparison("shoe_size")


def test_what_all_members_of_a_household_share_is_no_evidence_between_them(untaught_model: TrainedModel) -> None:
    shared = {compared.name for compared in comparisons() if compared.household_role is HouseholdRole.SHARED}

    assert shared == {"address"}
    assert household_weight(untaught_model, "address", "same") == 0
    assert household_weight(untaught_model, "national_id", "same") > 0


@pytest.mark.parametrize(
    ("level", "is_beyond"),
    [
        pytest.param(("address", "another_street"), True, id="the same postcode"),
        pytest.param(("address", "same_area"), False, id="the same town"),
        pytest.param(("email", "alike"), True, id="two mailboxes that share a word"),
        pytest.param(("email", "each_own_name"), False, id="two mailboxes, each with the name of its record"),
        pytest.param(("family_name", "same"), False, id="the names themselves"),
    ],
)
def test_agreement_beyond_names_is_recognised(level: tuple[str, str], is_beyond: bool) -> None:
    pair = WeighedPair("a", "b", (Finding(*level, "", 1.0, 0.0),), -10.0, 0.0, 1.0, 1.0, 0.0, (), (), is_sparse=False)

    assert pair.agrees_beyond_names is is_beyond


def test_a_column_has_the_smallest_frequency_that_its_comparison_states() -> None:
    rarest = {level.term_frequency_column: level.min_term_frequency for c in ALL for level in c.levels}

    assert {column: least for column, least in rarest.items() if column} == {
        "given_name": 1e-4,
        "family_name": 1e-5,
        "date_of_birth": 1e-5,
        "attribute_eye_colour": 1e-3,
    }


def test_a_model_of_other_comparisons_is_not_loaded(untaught_model: TrainedModel, tmp_path) -> None:
    others = {name: levels for name, levels in untaught_model.parameters.items() if name != "phone"}
    replace(untaught_model, parameters=others).save(tmp_path)

    assert not TrainedModel.can_load(tmp_path)


def test_a_model_with_other_levels_is_not_loaded(untaught_model: TrainedModel, tmp_path) -> None:
    phone = {label: values for label, values in untaught_model.parameters["phone"].items() if label != "close"}
    replace(untaught_model, parameters={**untaught_model.parameters, "phone": phone}).save(tmp_path)

    assert not TrainedModel.can_load(tmp_path)
