"""Answers become labels and overrides, once, and never against each other."""

from pathlib import Path

import pytest

from cdp_orchestration.errors import ReviewError
from cdp_orchestration.identity_decisions import (
    LABEL_COLUMNS,
    OVERRIDE_COLUMNS,
    Row,
    labels_file,
    overrides_file,
    read_rows,
    store_decisions,
    write_rows,
)


def answer(left: str, right: str, said: str) -> Row:
    about = {"match_weight": "2.5", "model_version": "m1", "decided_by": "ada", "decided_at": "2026-01-01T00:00:00Z"}
    return {"person_record_id_left": left, "person_record_id_right": right, "answer": said, **about}


def decisions(folder: Path) -> list[tuple[str, str, str]]:
    rows = read_rows(overrides_file(folder), OVERRIDE_COLUMNS)
    return [(row["decision"], row["person_record_id_left"], row["person_record_id_right"]) for row in rows]


def answers(folder: Path) -> list[str]:
    return [row["answer"] for row in read_rows(labels_file(folder), LABEL_COLUMNS)]


def test_sure_answers_become_overrides_and_every_answer_a_label(tmp_path: Path) -> None:
    told = [answer("a", "b", "same"), answer("b", "c", "different"), answer("c", "d", "unsure")]
    assert store_decisions(tmp_path, told) == (3, 2)
    assert decisions(tmp_path) == [("must_link", "a", "b"), ("cannot_link", "b", "c")]
    assert answers(tmp_path) == ["same", "different", "unsure"]


def test_an_override_says_who_decided_when_and_why(tmp_path: Path) -> None:
    store_decisions(tmp_path, [answer("a", "b", "same")])
    (row,) = read_rows(overrides_file(tmp_path), OVERRIDE_COLUMNS)
    assert (row["decided_by"], row["decided_at"], row["why"]) == ("ada", "2026-01-01T00:00:00Z", "review")


def test_the_same_answers_taken_twice_change_nothing(tmp_path: Path) -> None:
    store_decisions(tmp_path, [answer("a", "b", "same")])
    before = overrides_file(tmp_path).read_bytes(), labels_file(tmp_path).read_bytes()
    assert store_decisions(tmp_path, [answer("b", "a", "same")]) == (0, 0)
    assert (overrides_file(tmp_path).read_bytes(), labels_file(tmp_path).read_bytes()) == before


def test_an_unsure_answer_gives_way_to_a_sure_one_and_not_back(tmp_path: Path) -> None:
    store_decisions(tmp_path, [answer("a", "b", "unsure")])
    assert store_decisions(tmp_path, [answer("a", "b", "same")]) == (1, 1)
    assert store_decisions(tmp_path, [answer("a", "b", "unsure")]) == (0, 0)
    assert answers(tmp_path) == ["same"]


def test_labels_stored_without_their_override_are_completed(tmp_path: Path) -> None:
    store_decisions(tmp_path, [answer("a", "b", "same")])
    overrides_file(tmp_path).unlink()
    assert store_decisions(tmp_path, [answer("a", "b", "same")]) == (0, 1)


@pytest.mark.parametrize(
    "second",
    [
        pytest.param([answer("b", "a", "different")], id="another answer for the same pair"),
        pytest.param(
            [answer("b", "c", "same"), answer("a", "c", "different")], id="apart, but tied over a third record"
        ),
        pytest.param([answer("x", "y", "same"), answer("y", "x", "different")], id="two answers in one file"),
    ],
)
def test_answers_that_contradict_are_refused_and_nothing_is_stored(tmp_path: Path, second: list[Row]) -> None:
    store_decisions(tmp_path, [answer("a", "b", "same")])
    before = overrides_file(tmp_path).read_bytes(), labels_file(tmp_path).read_bytes()
    with pytest.raises(ReviewError, match=r"answered before|otherwise|before"):
        store_decisions(tmp_path, second)
    assert (overrides_file(tmp_path).read_bytes(), labels_file(tmp_path).read_bytes()) == before


def test_an_override_made_by_hand_is_kept_and_not_contradicted(tmp_path: Path) -> None:
    mine = {"decision": "cannot_link", "person_record_id_left": "a", "person_record_id_right": "b"}
    about = {"decided_by": "me", "decided_at": "2026-01-01", "why": "they called, twice"}
    write_rows(overrides_file(tmp_path), OVERRIDE_COLUMNS, [{**mine, **about}])
    with pytest.raises(ReviewError, match="cannot_link"):
        store_decisions(tmp_path, [answer("b", "a", "same")])
    store_decisions(tmp_path, [answer("c", "d", "same")])
    assert decisions(tmp_path) == [("cannot_link", "a", "b"), ("must_link", "c", "d")]


def test_a_file_without_its_heading_is_named_with_what_is_missing(tmp_path: Path) -> None:
    overrides_file(tmp_path).write_text("must_link,a,b\n", encoding="utf-8")
    with pytest.raises(ReviewError, match=r"lacks the column\(s\) decision"):
        store_decisions(tmp_path, [answer("a", "b", "same")])
