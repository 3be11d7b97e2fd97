"""The words of an event in a declaration are those that the models make of what a source delivers."""

import duckdb
import jinja2
import pytest

from cdp_orchestration.home.settings import DBT_PROJECT_DIR
from cdp_orchestration.sources.event_words import event_word, event_words

MACRO = DBT_PROJECT_DIR / "macros" / "text_values.sql"


@pytest.mark.parametrize(
    "text",
    [
        "Main Door!",
        "Öffnen",
        "O\u0308ffnen",
        "購入",
        "返品",
        "Покупка-2",
        "ΣΑΣ",
        "İade",
        "हिन्दी",
        "شراء",
        "_a__b_",
        "✓",
        "²½",
    ],
)
def test_a_word_is_the_one_that_the_models_make(text):
    source = MACRO.read_text(encoding="utf-8")
    macros = jinja2.Environment(autoescape=False).from_string(source).make_module({})
    with duckdb.connect() as engine:
        ((made,),) = engine.execute(f"select {macros.event_word('given')} from (select ? as given)", [text]).fetchall()

    assert event_word(text) == (made or "")


def test_two_words_of_another_alphabet_are_two_events():
    assert event_word("購入") != event_word("返品")


def test_a_dot_parts_the_words_of_several_fields_alone():
    assert event_words("Charge.refunded", 1) == "charge_refunded"
    assert event_words("email.Open now", 2) == "email.open_now"
