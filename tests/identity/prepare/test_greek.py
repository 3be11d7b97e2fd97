"""Greek names in Latin letters are spelt as their holders spell them."""

import pytest
from anyascii import anyascii

from identity.prepare.greek import with_latin_pairs


@pytest.mark.parametrize(
    ("greek", "latin"),
    [
        ("Ουρανία", "ourania"),
        ("Εύα", "eva"),
        ("Ευθυμία", "efthymia"),
        ("Αυγούστα", "avgousta"),
        ("Λάγγης", "langis"),
        ("ΜΠΟΥΚΗΣ", "boukis"),
        ("Μαΐου", "maiou"),
    ],
)
def test_a_pair_of_letters_that_is_one_sound_is_spelt_as_that_sound(greek: str, latin: str) -> None:
    assert anyascii(with_latin_pairs(greek)) == latin


@pytest.mark.parametrize("text", ["Müller", "Наталья", "王小明", ""])
def test_a_text_without_greek_letters_is_unchanged(text: str) -> None:
    assert with_latin_pairs(text) == text


def test_a_greek_name_and_its_usual_latin_spelling_are_one_person(groups_of) -> None:
    people = {
        "greek": {"given_name": "Παύλος", "family_name": "Οικονόμου", "address_line": "4 Ermou", "city": "Volos"},
        "latin": {"given_name": "Pavlos", "family_name": "Oikonomou", "address_line": "4 Ermou", "city": "Volos"},
    }
    assert groups_of(people) == {"greek+latin"}
