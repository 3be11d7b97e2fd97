"""Answers become labels and overrides, once, and never against each other."""

from pathlib import Path

import pytest

from cdp_orchestration.errors import DecisionError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.csv_rows import Row
from cdp_orchestration.identity_stage.decisions import Override, add_override, read_overrides
from cdp_orchestration.identity_stage.labels import read_labels, store_answers


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path)


def answer(left: str, right: str, said: str) -> Row:
    about = {"match_weight": "2.5", "model_version": "m1", "decided_by": "ada", "decided_at": "2026-01-01T00:00:00Z"}
    return {"person_record_id_left": left, "person_record_id_right": right, "answer": said, **about}


def decisions(settings: Settings) -> list[tuple[str, str, str]]:
    return [(o.decision, o.person_record_id_left, o.person_record_id_right) for o in read_overrides(settings)]


def answers(settings: Settings) -> list[str]:
    return list(read_labels(settings).column("answer").to_pylist())


def test_sure_answers_become_overrides_and_every_answer_a_label(settings: Settings) -> None:
    given = [answer("a", "b", "same"), answer("b", "c", "different"), answer("c", "d", "unsure")]
    assert store_answers(settings, given) == (3, 2)
    assert decisions(settings) == [("must_link", "a", "b"), ("cannot_link", "b", "c")]
    assert answers(settings) == ["same", "different", "unsure"]


def test_an_override_says_who_decided_when_and_why(settings: Settings) -> None:
    store_answers(settings, [answer("a", "b", "same")])
    (made,) = read_overrides(settings)
    assert (made.decided_by, made.decided_at, made.why) == ("ada", "2026-01-01T00:00:00Z", "review")


def test_the_same_answers_taken_twice_change_nothing(settings: Settings) -> None:
    store_answers(settings, [answer("a", "b", "same")])
    before = settings.identity_overrides.read_bytes(), settings.identity_labels.read_bytes()
    assert store_answers(settings, [answer("b", "a", "same")]) == (0, 0)
    assert (settings.identity_overrides.read_bytes(), settings.identity_labels.read_bytes()) == before


def test_an_unsure_answer_gives_way_to_a_sure_one_and_not_back(settings: Settings) -> None:
    store_answers(settings, [answer("a", "b", "unsure")])
    assert store_answers(settings, [answer("a", "b", "same")]) == (1, 1)
    assert store_answers(settings, [answer("a", "b", "unsure")]) == (0, 0)
    assert answers(settings) == ["same"]


def test_labels_stored_without_their_override_are_completed(settings: Settings) -> None:
    store_answers(settings, [answer("a", "b", "same")])
    settings.identity_overrides.unlink()
    assert store_answers(settings, [answer("a", "b", "same")]) == (0, 1)


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
def test_answers_that_contradict_are_refused_and_nothing_is_stored(settings: Settings, second: list[Row]) -> None:
    store_answers(settings, [answer("a", "b", "same")])
    before = settings.identity_overrides.read_bytes(), settings.identity_labels.read_bytes()
    with pytest.raises(DecisionError, match=r"answered|contradict"):
        store_answers(settings, second)
    assert (settings.identity_overrides.read_bytes(), settings.identity_labels.read_bytes()) == before


def test_an_override_made_by_hand_stays_and_is_not_contradicted(settings: Settings) -> None:
    add_override(settings, Override("cannot_link", "a", "b", "me", "2026-01-01", "they called, twice"))
    with pytest.raises(DecisionError, match="cannot_link"):
        store_answers(settings, [answer("b", "a", "same")])
    store_answers(settings, [answer("c", "d", "same")])
    assert decisions(settings) == [("cannot_link", "a", "b"), ("must_link", "c", "d")]


def test_a_file_without_its_heading_is_named_with_what_is_missing(settings: Settings) -> None:
    settings.identity_overrides.parent.mkdir()
    settings.identity_overrides.write_text("must_link,a,b\n", encoding="utf-8")
    with pytest.raises(DecisionError, match=r"lacks the column\(s\) decision"):
        store_answers(settings, [answer("a", "b", "same")])


def test_a_weight_that_is_not_a_number_is_named_with_its_line(settings: Settings) -> None:
    store_answers(settings, [answer("a", "b", "same"), {**answer("c", "d", "same"), "match_weight": "high"}])
    with pytest.raises(DecisionError, match=r"line 3: found match_weight 'high'; expected a number or nothing"):
        read_labels(settings)
