"""Records that differ, and are one person all the same."""

from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest

JANE = {"given_name": "Jane", "family_name": "Doe", "emails": ["jane.doe@example.com"]}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(JANE, {**JANE, "given_name": "JANE", "family_name": "doe"}, id="letter case"),
        pytest.param(JANE, {"full_name": "Doe, Jane", "emails": JANE["emails"]}, id="one name field with a comma"),
        pytest.param(JANE, {**JANE, "given_name": "Doe", "family_name": "Jane"}, id="names in each other's field"),
        pytest.param(JANE, {**JANE, "given_name": "Jnae"}, id="two letters exchanged"),
        pytest.param(JANE, {**JANE, "given_name": "Mrs. Jane"}, id="a title in the name"),
        pytest.param(
            {**JANE, "given_name": "Robert"}, {**JANE, "given_name": "Bob"}, id="the short form of a given name"
        ),
        pytest.param({**JANE, "given_name": "Giuseppe"}, {**JANE, "given_name": "Pepe"}, id="an Italian short form"),
        pytest.param({**JANE, "given_name": "Юлия"}, {**JANE, "given_name": "Yuliya"}, id="another alphabet"),
        pytest.param({**JANE, "given_name": "Zoë"}, {**JANE, "given_name": "Zoe"}, id="an accent"),
        pytest.param({**JANE, "given_name": "Anna Maria"}, {**JANE, "given_name": "Maria"}, id="one of two names"),
        pytest.param(
            {**JANE, "emails": ["jane.doe+shop@gmail.com"]},
            {**JANE, "emails": ["janedoe@googlemail.com"]},
            id="one mailbox, written in two ways",
        ),
        pytest.param(
            {"given_name": "Jane", "family_name": "Doe", "date_of_birth": date(1980, 3, 4), "postcode": "YO1 1AA"},
            {"given_name": "Jane", "family_name": "Doe", "date_of_birth": date(1980, 4, 3), "postcode": "yo11aa"},
            id="day and month exchanged",
        ),
        pytest.param(
            {"given_name": "Jane", "family_name": "Doe", "phones": ["+447700900001"]},
            {"given_name": "Jane", "family_name": "Smith", "phones": ["+447700900001"]},
            id="a new family name",
        ),
    ],
)
def test_records_of_one_person_are_linked(groups_of, first, second):
    assert groups_of({"a": first, "b": second}) == {"a+b"}


def test_a_name_without_comma_is_read_in_the_order_that_the_words_are_used_in(groups_of, untaught_model):
    people = {
        "a": {"given_name": "Wren", "family_name": "Hollis", "emails": ["w@example.com"]},
        "b": {"full_name": "hollys wren", "emails": ["w@example.com"]},
    }
    roles = pa.table({"word": ["hollys", "wren"], "given_share": [0.1, 0.9], "given_count": [0, 20]})

    assert groups_of(people, model=replace(untaught_model, word_roles=roles)) == {"a+b"}


def test_parts_of_a_name_that_hold_each_others_words_are_turned(groups_of, untaught_model):
    people = {
        "a": {"given_name": "Robert", "family_name": "Hale", "emails": ["rh@example.com"], "phones": ["+447700900001"]},
        "b": {"given_name": "Hale", "family_name": "Bob", "emails": ["rh@example.com"], "phones": ["+447700900001"]},
    }
    roles = pa.table({"word": ["bob", "hale"], "given_share": [0.9, 0.1], "given_count": [9, 1]})

    assert groups_of(people) == {"a", "b"}
    assert groups_of(people, model=replace(untaught_model, word_roles=roles)) == {"a+b"}


def test_equal_records_are_exact_duplicates_with_certainty(resolve_people):
    rows = resolve_people({"a": JANE, "b": JANE}).clusters.to_pylist()

    assert [(row["link_reason"], row["match_probability"]) for row in rows] == [("exact_duplicate", 1.0)] * 2


def test_two_records_with_an_equal_name_and_nothing_else_stay_apart(groups_of):
    name = {"given_name": "Jane", "family_name": "Smith"}

    assert groups_of({"a": name, "b": name}) == {"a", "b"}
