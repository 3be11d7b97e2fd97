"""People who share much, and are not one person."""

from datetime import date

import pytest

pytestmark = pytest.mark.slow  # each trains a model of its own

HOME = {
    "family_name": "Doe",
    "emails": ["the.does@example.com"],
    "phones": ["+447700900001"],
    "address_line": "1 High Street",
    "city": "York",
    "postcode": "YO1 1AA",
}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({"given_name": "Jane"}, {"given_name": "John"}, id="a couple"),
        pytest.param(
            {"given_name": "John", "date_of_birth": date(1950, 3, 4)},
            {"given_name": "John", "date_of_birth": date(1981, 7, 19)},
            id="father and son of one name",
        ),
        pytest.param(
            {"given_name": "Amy", "date_of_birth": date(1990, 3, 4)},
            {"given_name": "Beth", "date_of_birth": date(1990, 3, 4)},
            id="twins",
        ),
        pytest.param(
            {"given_name": "Jane", "loyalty_numbers": ["L1"]},
            {"given_name": "John", "loyalty_numbers": ["L1"]},
            id="a couple with one loyalty card",
        ),
    ],
)
def test_people_of_one_household_stay_apart(groups_of, first, second):
    assert groups_of({"a": {**HOME, **first}, "b": {**HOME, **second}}) == {"a", "b"}


def test_each_of_a_couple_keeps_all_of_their_own_records(groups_of):
    people = {
        "jane 1": {**HOME, "given_name": "Jane"},
        "jane 2": {**HOME, "given_name": "Jane", "phones": []},
        "jane 3": {**HOME, "given_name": "Jane", "emails": ["jane@example.com"]},
        "john 1": {**HOME, "given_name": "John"},
        "john 2": {**HOME, "given_name": "Jon", "phones": []},
    }

    assert groups_of(people) == {"jane 1+jane 2+jane 3", "john 1+john 2"}


def test_a_record_that_fits_both_of_a_couple_does_not_join_them(groups_of):
    people = {
        "jane": {**HOME, "given_name": "Jane"},
        "initial": {**HOME, "given_name": "J."},
        "john": {**HOME, "given_name": "John"},
    }

    assert not any({"jane", "john"} <= set(group.split("+")) for group in groups_of(people))


def test_a_record_that_fits_father_and_son_of_one_name_joins_neither(groups_of):
    ambrose = {"given_name": "Ambrose", "family_name": "Till", "address_line": "7 Quarry Rise", "postcode": "BA2 7QX"}
    people = {
        "father": {**ambrose, "date_of_birth": date(1951, 3, 4)},
        "son": {**ambrose, "date_of_birth": date(1983, 9, 21)},
        "one of them": ambrose,
    }

    assert groups_of(people) == {"father", "son", "one of them"}


def test_namesakes_in_two_towns_stay_apart(groups_of):
    name = {"given_name": "Mary", "family_name": "Smith"}

    assert groups_of({"a": {**name, "city": "York"}, "b": {**name, "city": "Leeds"}}) == {"a", "b"}


def test_a_phone_typed_for_everybody_is_suppressed(resolve_people):
    names = [first + rest for first in "BDFGHKLMNPRST" for rest in ("ala", "oru")]
    people = {
        name: {"given_name": name, "family_name": f"{name[::-1]}son", "phones": ["+442079460000"]} for name in names
    }

    resolution = resolve_people(people)

    assert set(resolution.clusters.column("link_reason").to_pylist()) == {"only_record"}
    assert resolution.shared_identifiers.to_pylist() == [
        {
            "identifier_type": "phone",
            "identifier_value": "+442079460000",
            "record_count": len(names),
            "name_count": len(names),
            "reason": "too_many_names",
        }
    ]


def test_one_customer_with_many_receipts_shares_nothing(resolve_people):
    people = {f"receipt {n}": {"emails": ["jane@example.com"]} for n in range(30)}
    people["jane"] = {"given_name": "Jane", "family_name": "Doe", "emails": ["jane@example.com"]}

    resolution = resolve_people(people)

    assert resolution.shared_identifiers.num_rows == 0
    assert resolution.clusters.column("cluster_id").unique().to_pylist() == ["jane"]
