"""Comments of the demo are worded as people word them, and their words change nothing else."""

import pytest

from cdp_orchestration.demo.comments import ASPECTS, EXCLAMATIONS, JUDGEMENTS, OPPOSITE
from cdp_orchestration.demo.dice import Dice
from cdp_orchestration.demo.texts import Facts, comment_text, ticket_text

FACTS = Facts("Oak chair", "#1007", 9, "Ghent")


def _comments(mood: float, language: str, count: int = 300) -> list[str]:
    return [comment_text(Dice(number), "late", mood, language) for number in range(count)]


@pytest.mark.parametrize("language", sorted(ASPECTS))
def test_customers_of_one_mood_use_many_words(language: str) -> None:
    assert len(set(_comments(0.9, language))) > 100


@pytest.mark.parametrize("language", sorted(ASPECTS))
@pytest.mark.parametrize(("tone", "mood"), [("good", 0.95), ("bad", 0.05)])
def test_a_comment_says_more_often_what_fits_its_mood_and_sometimes_both(tone: str, mood: float, language: str) -> None:
    def with_clause_of(said: str, texts: list[str]) -> int:
        return sum(any(clause in text for clause in JUDGEMENTS[said][language].split(";")) for text in texts)

    texts = _comments(mood, language)
    assert with_clause_of(tone, texts) > 4 * with_clause_of(OPPOSITE[tone], texts) > 0


def test_nothing_is_praised_and_blamed_in_one_comment() -> None:
    said = [clause for by_language in JUDGEMENTS.values() for clause in by_language["en"].split(";")]
    for text in _comments(0.1, "en"):
        for aspect in ASPECTS["en"].split(";"):
            assert sum(f"{aspect} {clause}." in text for clause in said) <= 1


def test_a_language_without_clauses_has_whole_sentences() -> None:
    assert set(_comments(0.9, "el")) == {"Εξαιρετική εξυπηρέτηση!"}


@pytest.mark.parametrize("language", ["en", "el"])
def test_the_words_of_a_text_take_no_more_draws_from_the_demo_than_its_choice(language: str) -> None:
    after = set()
    for mood in (0.1, 0.5, 0.9):
        dice = Dice(5)
        ticket_text(dice, "question", language, FACTS, mood)
        comment_text(dice, "any", mood, language)
        after.add(dice.random())
    assert len(after) == 1


def test_every_exclamation_has_every_language_of_the_clauses() -> None:
    assert all(set(by_language) == set(ASPECTS) for by_language in (*JUDGEMENTS.values(), *EXCLAMATIONS.values()))
