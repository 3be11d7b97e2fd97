"""A customer's text has a sentiment only if its words show one and its language is scored."""

import importlib.util
from types import ModuleType, SimpleNamespace
from typing import NamedTuple

import duckdb
import pytest

from cdp_orchestration.home.settings import PROJECT_ROOT

MODELS = PROJECT_ROOT / "dbt_project" / "models" / "staging" / "interactions"


@pytest.fixture(scope="module")
def text_sentiments() -> ModuleType:
    spec = importlib.util.spec_from_file_location("text_sentiments", MODELS / "text_sentiments.py")
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


def scored(module: ModuleType, text: str) -> tuple[str | None, float | None]:
    (row,) = module.scored_rows([text])
    return row["text_language"], row["sentiment_score"]


@pytest.mark.parametrize(
    ("text", "is_good"),
    [
        ("Lovely products and quick delivery, I am so happy with this shop.", True),
        ("The workshop lost my order again and no one cares. Terrible.", False),
    ],
)
def test_praise_is_good_and_a_complaint_is_bad(text_sentiments: ModuleType, text: str, is_good: bool) -> None:
    language, score = scored(text_sentiments, text)
    assert language == "en"
    assert score is not None
    assert (score > 0) == is_good
    assert -1 <= score <= 1


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Die Reparatur hat ewig gedauert und niemand hat angerufen.", "de"),
        ("Livraison rapide et produits magnifiques, merci beaucoup.", "fr"),
        ("Ganz okay.", None),
        ("!!!", None),
    ],
)
def test_a_language_that_is_not_scored_is_named_and_never_guessed_at(
    text_sentiments: ModuleType, text: str, language: str | None
) -> None:
    assert scored(text_sentiments, text) == (language, None)


@pytest.mark.parametrize(
    "text",
    [
        "I have moved. How do I change the address in my account?",
        "Could you please send me the label for the return? I would like to post it on Monday.",
    ],
)
def test_a_text_without_sentiment_words_has_no_score(text_sentiments: ModuleType, text: str) -> None:
    assert scored(text_sentiments, text) == ("en", None)


def test_a_second_build_scores_only_new_texts_and_deletes_old_ones(text_sentiments: ModuleType) -> None:
    connection = duckdb.connect()
    connection.execute("create table stg_support__tickets as select 'in both builds' as customer_text")
    connection.execute("insert into stg_support__tickets values ('old'), (null)")
    connection.execute("create table stg_support__survey_responses as select 'an answer' as customer_text")
    dbt = SimpleNamespace(config=lambda **options: None, ref=connection.table, this=Relation("main", "text_sentiments"))

    def build() -> list[tuple[str, str]]:
        connection.register("result", text_sentiments.model(dbt, connection))
        connection.execute("create or replace table text_sentiments as select * from result")
        connection.unregister("result")
        return connection.execute("select customer_text, text_language from text_sentiments order by 1").fetchall()

    assert [text for text, _ in build()] == ["an answer", "in both builds", "old"]
    connection.execute("update text_sentiments set text_language = 'scored before'")
    connection.execute("delete from stg_support__tickets where customer_text = 'old'")
    connection.execute("insert into stg_support__tickets values ('new')")
    assert dict(build()) == {"an answer": "scored before", "in both builds": "scored before", "new": None}
