"""Given and family name in each other's field are one name, also where one of the two is mistyped."""

from collections.abc import Callable

import pytest

Groups = Callable[..., set[str]]

CONTACTS = {"emails": ["tuba.player@mail.example"], "phones": ["+441434600100"]}
ADELINE = {"given_name": "Adeline", "family_name": "Thackwell", **CONTACTS}


@pytest.mark.parametrize(
    ("given", "family"), [("Thackwell", "Adeline"), ("Thackwell", "Adelline"), ("Thackwel", "Adeline")]
)
def test_names_in_each_others_field_are_one_person(groups_of: Groups, given: str, family: str) -> None:
    exchanged = {"given_name": given, "family_name": family, **CONTACTS}
    assert groups_of({"straight": ADELINE, "turned": exchanged}) == {"straight+turned"}


def test_another_name_with_one_of_the_two_in_the_wrong_field_is_another_person(groups_of: Groups) -> None:
    other = {"given_name": "Thackwell", "family_name": "Bertram", **CONTACTS}
    assert groups_of({"adeline": ADELINE, "bertram": other}) == {"adeline", "bertram"}
