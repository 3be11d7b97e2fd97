"""A must_link makes one profile of two, whole; only another decision keeps a part of them away."""

from datetime import date

import pyarrow as pa
import pytest

from identity import OVERRIDES
from identity.clusters.must_links import joined_clusters

ORLA = {
    "given_name": "Orla",
    "family_name": "Quennell",
    "date_of_birth": date(1961, 3, 9),
    "emails": ["orla@q.example"],
}
IVOR = {
    "given_name": "Ivor",
    "family_name": "Brandreth",
    "date_of_birth": date(1992, 8, 30),
    "phones": ["+442071838750"],
}
PEOPLE = {
    "o1": ORLA,
    "o2": {**ORLA, "phones": ["+442071838111"], "loyalty_numbers": ["11"]},
    "i1": {**IVOR, "loyalty_numbers": ["22"]},
    "i2": {**IVOR, "emails": ["ivor@b.example"]},
}


def _overrides(*decisions: tuple[str, str, str]) -> pa.Table:
    rows = [dict(zip(OVERRIDES.names, decision, strict=True)) for decision in decisions]
    return pa.Table.from_pylist(rows, schema=OVERRIDES)


def test_a_must_link_joins_all_records_of_two_profiles_that_contradict_each_other(groups_of):
    assert groups_of(PEOPLE) == {"o1+o2", "i1+i2"}
    assert groups_of(PEOPLE, overrides=_overrides(("must_link", "o2", "i1"))) == {"i1+i2+o1+o2"}


def test_a_receipt_follows_the_profile_that_a_must_link_made(groups_of):
    people = {**PEOPLE, "r": {"phones": IVOR["phones"]}, "s": {"emails": ORLA["emails"]}}
    assert groups_of(people, overrides=_overrides(("must_link", "o1", "i1"))) == {"i1+i2+o1+o2+r+s"}


def test_a_cannot_link_keeps_the_rest_of_one_profile_away_from_the_other(groups_of):
    decisions = _overrides(("must_link", "o1", "i1"), ("cannot_link", "o2", "i2"))
    assert groups_of(PEOPLE, overrides=decisions) == {"i1+i2+o1", "o2"}


def test_without_the_decision_the_two_profiles_are_back(groups_of, resolve_people):
    joined = resolve_people(PEOPLE, overrides=_overrides(("must_link", "o2", "i1")))
    assert {edge["reason"] for edge in joined.edges.to_pylist() if edge["is_used"]} >= {"must_link"}
    assert groups_of(PEOPLE, overrides=OVERRIDES.empty_table()) == {"o1+o2", "i1+i2"}


@pytest.mark.parametrize(
    ("clusters", "must_links", "cannot_links", "expected"),
    [
        ({0: [0, 1], 2: [2, 3]}, [(1, 2)], [], {0: 0, 1: 0, 2: 0, 3: 0}),
        # a chain through three clusters
        ({0: [0], 1: [1, 2], 3: [3]}, [(0, 1), (2, 3)], [], {0: 0, 1: 0, 2: 0, 3: 0}),
        # the larger rest stays with the pair, the other is alone
        ({0: [0, 1], 2: [2, 3, 4]}, [(0, 2)], [(1, 3)], {0: 0, 1: 1, 2: 0, 3: 0, 4: 0}),
        # inside one cluster a must_link says nothing new
        ({0: [0, 1, 2]}, [(0, 2)], [], {0: 0, 1: 0, 2: 0}),
    ],
)
def test_clusters_are_joined_as_far_as_cannot_links_allow(clusters, must_links, cannot_links, expected):
    assert joined_clusters(clusters, must_links, cannot_links) == expected
