"""Contacts that differ between all of several records are more evidence of two people than one difference."""

from collections.abc import Callable
from dataclasses import replace

import duckdb
import pytest

from identity import TrainedModel
from identity.clusters.repeated_differences import repeated_differences
from identity.model.comparisons import comparison
from identity.model.levels import gammas_of
from identity.scoring.match_weights import household_weight

Bits = Callable[..., float]
Groups = Callable[..., set[str]]

HOME = {"address_line": "9 Kade", "postcode": "8261", "city": "Kampen"}
BRAM = {"given_name": "Bram", "family_name": "Oosterdijk", **HOME}
FATHER = {**BRAM, "emails": ["bram.oosterdijk@mail.example"], "phones": ["+31612000145"]}
SON = {**BRAM, "emails": ["oosterdijk.bram@post.example"], "phones": ["+31688500777"]}
# what the clerks of three systems make of one record
TYPED = ({}, {"address_line": "9 Kade huis"}, {"postcode": None})


@pytest.fixture
def bits(untaught_model: TrainedModel) -> Bits:
    """The bits of a pair of clusters whose phones have this level, held by so many records of each."""
    gammas = {label: gamma for gamma, label in gammas_of(comparison("phone")).items()}
    sql = repeated_differences(untaught_model)

    def run(left: int | None, right: int | None, phone: str = "different") -> float:
        sides = "(select ? as phone_holders, 0 as email_holders) as lc, (select ? as phone_holders, 0 as email_holders)"
        pair = f"(select {gammas[phone]} as gamma_phone, -1 as gamma_email) as pair"
        query = f"select {sql} from {sides} as rc, {pair}"
        return float(duckdb.execute(query, [left, right]).fetchall()[0][0])

    return run


def test_a_difference_that_one_record_of_a_side_has_counts_once(bits: Bits) -> None:
    assert [bits(1, 1), bits(None, 4), bits(3, 1), bits(0, 3)] == [0, 0, 0, 0]


def test_the_more_records_repeat_a_difference_the_more_it_counts_up_to_twice(
    bits: Bits, untaught_model: TrainedModel
) -> None:
    once = household_weight(untaught_model, "phone", "different")
    found = [bits(2, 2), bits(2, 3), bits(3, 3), bits(90, 90)]
    assert found == sorted(found, reverse=True)
    assert 0 > found[0] >= once
    assert found[-1] == pytest.approx(once, abs=1e-3)


def test_a_contact_in_common_is_no_repeated_difference(bits: Bits) -> None:
    assert [bits(4, 4, "same"), bits(4, 4, "close")] == [0, 0]


@pytest.mark.parametrize(
    ("records", "expected"), [(1, {"f0+s0"}), (3, {"f0+f1+f2", "s0+s1+s2"})], ids=["one record each", "three each"]
)
def test_two_of_one_name_who_never_use_each_others_contacts_are_two_when_several_records_say_so(
    groups_of: Groups, untaught_model: TrainedModel, records: int, expected: set[str]
) -> None:
    given = untaught_model.parameters["given_name"]
    namesakes = {**given, "same": {**given["same"], "u_household": 0.1}}
    parameters = {**untaught_model.parameters, "given_name": namesakes}
    people = {f"f{n}": {**FATHER, **TYPED[n]} for n in range(records)}
    people |= {f"s{n}": {**SON, **TYPED[n]} for n in range(records)}
    assert groups_of(people, model=replace(untaught_model, parameters=parameters)) == expected
