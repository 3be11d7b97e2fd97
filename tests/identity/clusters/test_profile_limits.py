"""No evidence makes a profile that holds more than one person can have."""

from datetime import date

import pytest

from identity import Limits

JANE = {"given_name": "Jane", "family_name": "Doe", "date_of_birth": date(1980, 3, 4), "postcode": "E1 6AN"}
MAIL = ["jane@example.com"]


def test_two_loyalty_numbers_are_two_profiles_however_alike_their_records_are(resolve_people):
    people = {
        "a": {**JANE, "emails": MAIL, "loyalty_numbers": ["L1"]},
        "b": {**JANE, "emails": MAIL, "loyalty_numbers": ["L2"], "phones": ["+442071838750"]},
    }
    found = resolve_people(people)
    assert len(set(found.clusters.column("cluster_id").to_pylist())) == 2
    assert "too_many_loyalty_numbers" in found.edges.column("kept_apart_by").to_pylist()
    assert len(set(resolve_people(people, limits=Limits(loyalty_numbers_per_profile=2)).clusters[1].to_pylist())) == 1


def test_a_component_over_a_limit_is_divided_at_its_weakest_evidence(groups_of):
    strong = {**JANE, "emails": MAIL, "phones": ["+442071838750"]}
    people = {
        "a": {**strong, "loyalty_numbers": ["L1"]},
        "b": {**strong, "address_line": "1 High Street"},
        "c": {"given_name": "Jane", "family_name": "Doe", "emails": MAIL, "loyalty_numbers": ["L2"]},
    }
    assert groups_of(people) == {"a+b", "c"}


@pytest.mark.parametrize("order", [("a", "b", "c"), ("c", "b", "a"), ("b", "c", "a")])
def test_the_division_does_not_depend_on_the_order_of_records(groups_of, order):
    people = {
        "a": {**JANE, "emails": MAIL, "loyalty_numbers": ["L1"]},
        "b": {**JANE, "emails": MAIL, "phones": ["+442071838750"]},
        "c": {**JANE, "phones": ["+442071838750"], "loyalty_numbers": ["L2"]},
    }
    assert groups_of({key: people[key] for key in order}) == groups_of(people)


@pytest.mark.parametrize(
    ("typo", "count"), [(date(1980, 4, 3), 1), (date(1980, 3, 5), 1), (date(1980, 1, 1), 1), (date(1951, 7, 9), 2)]
)
def test_a_profile_has_one_date_of_birth_except_for_typos(groups_of, typo, count):
    people = {"a": {**JANE, "emails": MAIL}, "b": {**JANE, "emails": MAIL, "date_of_birth": typo}}
    assert len(groups_of(people)) == count


def test_no_profile_grows_beyond_the_limit_of_records(groups_of):
    people = {f"r{n}": {**JANE, "emails": [*MAIL, f"jane{n}@example.com"]} for n in range(4)}
    groups = groups_of(people, limits=Limits(records_per_profile=2))
    assert {len(group.split("+")) for group in groups} == {2}


def test_receipts_that_would_break_a_limit_stay_alone(groups_of):
    people = {"a": {**JANE, "emails": MAIL}} | {
        f"r{n}": {"emails": MAIL, "phones": [f"+44207183875{n}"]} for n in range(3)
    }
    assert groups_of(people, limits=Limits(phones_per_profile=2)) == {"a", "r0", "r1", "r2"}
