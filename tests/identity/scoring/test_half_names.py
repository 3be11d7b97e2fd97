"""The only name of a record may be the other's family name, mistyped or shortened: that is no other given name."""

import json

import pytest

PHONE = ["+442071838750"]


def _levels(resolve_people, only_name, given_name="Edith", family_name="Farrant"):
    people = {
        "a": {"full_name": only_name, "phones": PHONE},
        "b": {"given_name": given_name, "family_name": family_name, "phones": PHONE, "city": "York"},
        "c": {"given_name": given_name, "family_name": family_name, "phones": PHONE, "city": "Hexham"},
    }
    edges = resolve_people(people).edges.to_pylist()
    found = [edge for edge in edges if edge["person_record_id_left"] == "a"]
    return {json.loads(edge["comparison_levels"])["given_name"] for edge in found}


@pytest.mark.parametrize("only_name", ["Farrant", "Farant", "Forrant", "F."])
def test_a_family_name_alone_is_no_other_given_name(resolve_people, only_name):
    assert _levels(resolve_people, only_name) == {"not_comparable"}


def test_an_initial_of_the_given_name_is_one(resolve_people):
    assert _levels(resolve_people, "E.") == {"initial"}


def test_an_initial_of_neither_name_is_another_given_name(resolve_people):
    assert _levels(resolve_people, "K.") <= {"different"}
