"""The worth of a mailbox or phone falls with the unrelated names on it: a family shares one, a call centre none."""

import pytest

from identity import PLATFORM_MAPPING
from identity.explanation.pair_weights import weigh_pairs

EDITH = {"given_name": "Edith", "family_name": "Farrant"}
COLLEAGUES = [("Bruno", "Vogel"), ("Clara", "Wendt"), ("Dario", "Xhaka"), ("Gesa", "Zorn"), ("Hugo", "Ulm")]
FAMILY = [("Bruno", "Farrant"), ("Clara", "Farrant"), ("Dario", "Farrant")]
CONTACTS = [("emails", "desk@firm.example"), ("phones", "+4930901820")]


def _people(names, field, value):
    others = {first.lower(): {"given_name": first, "family_name": last, field: [value]} for first, last in names}
    return {"e1": {**EDITH, field: [value], "city": "Ulm"}, "e2": {**EDITH, field: [value], "city": "Kiel"}, **others}


def _weight(resolution):
    for edge in resolution.edges.to_pylist():
        if {edge["person_record_id_left"], edge["person_record_id_right"]} == {"e1", "e2"}:
            return edge["match_weight"]
    return float("-inf")


@pytest.mark.parametrize(("field", "value"), CONTACTS)
def test_a_contact_is_worth_less_with_several_names_and_nothing_with_many(resolve_people, field, value):
    weights = [_weight(resolve_people(_people(COLLEAGUES[:count], field, value))) for count in (0, 2, 5)]
    assert weights == sorted(set(weights), reverse=True)


@pytest.mark.parametrize(("field", "value"), CONTACTS)
def test_a_family_shares_a_contact_that_remains_worth_as_much(resolve_people, field, value):
    alone = _weight(resolve_people(_people([], field, value)))
    assert _weight(resolve_people(_people(FAMILY, field, value))) == alone
    assert _weight(resolve_people(_people(COLLEAGUES[:1], field, value))) == alone


def test_names_that_are_forms_of_one_do_not_count_as_several(resolve_people):
    names = [("Robert", "Hale"), ("Bob", "Hale"), ("Rob", "Hale"), ("Robert", "Marsh"), ("Bob", "Marsh")]
    people = {
        f"r{n}": {"given_name": a, "family_name": b, "emails": ["hale@a.example"]} for n, (a, b) in enumerate(names)
    }
    assert resolve_people(people).shared_identifiers.num_rows == 0


@pytest.mark.parametrize(("field", "value"), CONTACTS)
def test_a_contact_of_several_names_is_published_with_its_names(resolve_people, field, value):
    found = resolve_people(_people(COLLEAGUES[:2], field, value)).shared_identifiers.to_pylist()
    assert [(row["identifier_value"], row["name_count"], row["reason"]) for row in found] == [
        (value, 3, "several_names")
    ]


@pytest.mark.parametrize(("field", "value"), CONTACTS)
def test_an_explanation_weighs_such_a_contact_as_the_decision_did(
    resolve_people, person_records, untaught_model, field, value
):
    people = _people(COLLEAGUES[:2], field, value)
    shared = resolve_people(people).shared_identifiers
    two = person_records({key: people[key] for key in ("e1", "e2")})
    (pair,) = weigh_pairs(two, PLATFORM_MAPPING, [("e1", "e2")], untaught_model, shared).values()
    compared = "email" if field == "emails" else "phone"
    assert [finding.level for finding in pair.findings if finding.comparison == compared] == ["same_of_several"]
