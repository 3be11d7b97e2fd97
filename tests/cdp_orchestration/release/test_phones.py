"""A phone has one international form, however a person wrote it."""

import pytest

from cdp_orchestration.release.phones import international_forms


@pytest.mark.parametrize(
    "written",
    ["+43 660 123 45 67", "0043-660-1234567", "+43 (0)660 1234567", "+43 660 1234567 ext. 12", "0660 / 123 45 67"],
)
def test_every_spelling_of_a_number_has_one_international_form(written):
    assert international_forms(written, ["AT"]) == {"+436601234567"}


def test_the_former_mobile_prefix_of_mexico_is_left_out():
    assert international_forms("+52 1 55 1234 5678", []) == {"+525512345678"}


def test_a_number_without_country_stands_for_one_of_each_country_of_the_records():
    assert international_forms("0660 1234567", ["AT", "DE"]) == {"+436601234567", "+496601234567"}


def test_what_is_no_number_has_no_form():
    assert international_forms("the till", ["AT"]) == set()


@pytest.mark.parametrize("written", ["+49 692 309 964 201 424", "+49 3456"])
def test_a_number_has_as_many_digits_as_e164_allows(written):
    assert international_forms(written, []) == set()
