"""Which pairs people are asked about, and what their answers say of the model."""

import math

import pyarrow as pa
import pytest

from identity.quality.reviewed_pairs import Share, closest_calls, evaluate_labels
from identity.schemas import OUTPUT_SCHEMAS

LINK = 2.0  # the bits of the default link probability, 0.8


def edges(**weights: float) -> pa.Table:
    rows = [
        {
            "person_record_id_left": pair.split("_")[0],
            "person_record_id_right": pair.split("_")[1],
            "reason": "probabilistic_match",
            "match_probability": 1 / (1 + math.pow(2, -weight)),
            "match_weight": weight,
            "comparison_levels": "{}",
            "model_version": "m1",
            "is_used": weight >= LINK,
        }
        for pair, weight in weights.items()
    ]
    return pa.Table.from_pylist(rows, schema=OUTPUT_SCHEMAS["match_edges"])


def alone(*records: str) -> pa.Table:
    return pa.table({"person_record_id": list(records), "profile_id": list(records)})


def pairs(*answered: str) -> pa.Table:
    ends = [pair.split("_") for pair in answered]
    left, right = ([end[side] for end in ends] for side in (0, 1))
    return pa.table(
        {"person_record_id_left": pa.array(left, pa.string()), "person_record_id_right": pa.array(right, pa.string())}
    )


def labels(**answers: str) -> pa.Table:
    return (
        pairs(*answers)
        .append_column("answer", pa.array(list(answers.values()), pa.string()))
        .append_column("match_weight", pa.array([None] * len(answers), pa.float64()))
    )


def asked(table: pa.Table) -> list[str]:
    return [f"{row['person_record_id_left']}_{row['person_record_id_right']}" for row in table.to_pylist()]


def test_the_nearest_of_both_sides_are_asked_in_turn() -> None:
    found = closest_calls(edges(a_b=1.3, c_d=1.4, e_f=0.9, g_h=9.0), alone(*"abcdefgh"), pairs(), 3)
    assert asked(found) == ["e_f", "a_b", "c_d"]


def test_of_two_profiles_one_pair_is_asked() -> None:
    assignments = pa.table({"person_record_id": list("abcd"), "profile_id": ["p", "q", "p", "q"]})
    found = closest_calls(edges(a_b=0.7, c_d=0.9, a_d=0.5), assignments, pairs(), 10)
    assert asked(found) == ["c_d"]


def test_what_was_answered_is_not_asked_again_whichever_way_it_is_written() -> None:
    found = closest_calls(edges(a_b=1.9, c_d=1.8), alone(*"abcd"), pairs("b_a"), 10)
    assert asked(found) == ["c_d"]


def test_links_by_rule_are_not_asked() -> None:
    by_rule = edges(a_b=1.9).set_column(2, "reason", [["same_loyalty_number"]])
    assert closest_calls(by_rule, alone(*"ab"), pairs(), 10).num_rows == 0


def test_precision_and_recall_count_the_sure_answers() -> None:
    found = evaluate_labels(
        labels(a_b="same", c_d="different", e_f="same", g_h="unsure"), edges(a_b=3.0, c_d=3.0, e_f=1.0, g_h=3.0)
    )
    assert (found.precision, found.recall) == (Share(1, 2), Share(1, 2))


def test_a_pair_that_is_no_edge_any_more_counts_by_its_weight_when_it_was_answered() -> None:
    remembered = labels(a_b="different").set_column(3, "match_weight", pa.array([3.0]))
    assert evaluate_labels(remembered, edges()).precision == Share(0, 1)


def test_links_that_the_answers_do_not_bear_out_are_overconfident() -> None:
    wrong = {f"a{n}_b{n}": "different" for n in range(20)}
    assert evaluate_labels(labels(**wrong), edges(**dict.fromkeys(wrong, 7.0))).is_overconfident


def test_pairs_left_apart_that_are_mostly_one_person_are_too_careful() -> None:
    right = {f"a{n}_b{n}": "same" for n in range(20)}
    found = evaluate_labels(labels(**right), edges(**dict.fromkeys(right, 0.1)))
    assert found.is_too_careful
    assert not found.is_overconfident


def test_without_answers_nothing_is_claimed() -> None:
    found = evaluate_labels(labels(), edges(a_b=3.0))
    assert (found.precision.value, found.precision.interval) == (None, (0.0, 1.0))
    assert not found.is_overconfident
    assert not found.is_too_careful


def test_the_interval_is_the_one_that_wilson_published() -> None:
    # 81 of 263: the worked example of Newcombe (1998), Statistics in Medicine 17, table I
    low, high = Share(81, 263).interval
    assert (low, high) == (pytest.approx(0.2553, abs=5e-5), pytest.approx(0.3662, abs=5e-5))
