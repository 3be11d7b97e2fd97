"""The mood of a text is learnt from the company's own ratings, and only where held-out ratings prove it."""

import importlib.util
from types import ModuleType, SimpleNamespace
from typing import NamedTuple

import duckdb
import pytest

from cdp_orchestration.home.settings import PROJECT_ROOT

MODELS = PROJECT_ROOT / "dbt_project" / "models" / "staging" / "interactions"
SUBJECTS = ("parcel", "zip", "strap", "invoice", "button", "seam", "sole", "handle", "lid", "cable", "lamp", "chair")
# Words without a mood in any lexicon: a company's customers have their own.
GOOD = [f"The {subject} came {day} and it sits like a glove" for subject in SUBJECTS for day in ("monday", "friday")]
BAD = [f"The {subject} came {day} and it is for the bin" for subject in SUBJECTS for day in ("monday", "friday")]
RATINGS = [*((text, 3, 0) for text in GOOD), *((text, 0, 3) for text in BAD)]
NO_TITLES: frozenset[str] = frozenset()


@pytest.fixture(scope="module")
def text_moods() -> ModuleType:
    spec = importlib.util.spec_from_file_location("text_moods", MODELS / "text_moods.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Relation(NamedTuple):
    """The model's own table, as dbt passes it."""

    schema: str
    identifier: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.identifier}"


def test_words_that_ratings_teach_have_their_mood(text_moods: ModuleType) -> None:
    rows = text_moods.scored_rows(["My hat sits like a glove", "My hat is for the bin"], RATINGS, NO_TITLES, "now", {})
    good, bad = rows["mood_score"].to_pylist()[::-1]
    assert good > 0.3
    assert bad < -0.3


def test_a_rated_text_is_scored_by_a_model_that_never_saw_it(text_moods: ModuleType) -> None:
    odd = ("The drum came monday, a riddle", 3, 0)
    rated = text_moods.RatedTexts([*RATINGS, odd], NO_TITLES)
    held_out = rated.held_out_scores()
    assert all(held_out[text] > 0 for text in GOOD)
    assert all(held_out[text] < 0 for text in BAD)
    assert held_out[odd[0]] < rated.scores([odd[0]])[0]


def test_texts_that_differ_in_a_product_alone_are_held_out_together(text_moods: ModuleType) -> None:
    titles = frozenset({"red shoe", "blue hat"})
    texts = [f"I am sad about the {title}." for title in ("Red Shoe", "blue hat")]
    assert {text_moods.masked(text, titles) for text in texts} == {"i am sad about the _"}
    assert len({text_moods.fold_of(text_moods.masked(text, titles)) for text in texts}) == 1


def test_too_few_ratings_teach_nothing(text_moods: ModuleType) -> None:
    few = [(text, good, min(bad, 2)) for text, good, bad in RATINGS]
    assert text_moods.scored_rows([GOOD[0]], few, NO_TITLES, "now", {})["mood_score"].to_pylist() == [None]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Die Reparatur hat ewig gedauert und niemand hat angerufen.", "de"),
        ("Livraison rapide et produits magnifiques, merci beaucoup.", "fr"),
        ("Lovely products and quick delivery, I am so happy with this shop.", "en"),
        ("Ganz okay.", None),
        ("!!!", None),
    ],
)
def test_a_language_is_named_unless_the_text_is_too_short(text_moods: ModuleType, text: str, language: str) -> None:
    assert text_moods.scored_rows([text], [], NO_TITLES, "now", {})["text_language"].to_pylist() == [language]


def test_a_second_build_scores_only_new_texts_until_other_ratings_come_and_keeps_languages(
    text_moods: ModuleType,
) -> None:
    connection = duckdb.connect()
    connection.execute("create table customer_texts as select 'in both builds' as customer_text")
    connection.execute("insert into customer_texts values ('old'), ('an answer')")
    connection.execute("create table purchase_items (product_title varchar)")
    connection.execute("create table rated_texts (customer_text varchar, good_count bigint, bad_count bigint)")
    dbt = SimpleNamespace(config=lambda **options: None, ref=connection.table, this=Relation("main", "text_moods"))

    def build() -> list[tuple[str, str, float]]:
        connection.register("result", text_moods.model(dbt, connection))
        connection.execute("create or replace table text_moods as select * from result")
        connection.unregister("result")
        return connection.execute(
            "select customer_text, text_language, mood_score from text_moods order by 1"
        ).fetchall()

    assert [text for text, _, _ in build()] == ["an answer", "in both builds", "old"]
    connection.execute("update text_moods set text_language = 'detected before', mood_score = 1")
    connection.execute("delete from customer_texts where customer_text = 'old'")
    connection.execute("insert into customer_texts values ('new')")
    before = "detected before"
    assert build() == [("an answer", before, 1), ("in both builds", before, 1), ("new", None, None)]
    connection.execute("insert into rated_texts values ('new', 1, 0)")
    assert build() == [("an answer", before, None), ("in both builds", before, None), ("new", None, None)]
    connection.execute("update text_moods set scored_with = 'other rules'")
    assert build() == [("an answer", None, None), ("in both builds", None, None), ("new", None, None)]
