"""Why two records are one profile, or why not: each verdict on a tiny set of people, resolved for real."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from identity import OVERRIDES, Evidence, Explanation, IdentityError, Limits, explain
from identity.clusters.profile_limits import limits_by_name
from identity.explanation.link_paths import links_of, spanning_links
from identity.explanation.pair_weights import weigh_pairs
from identity.explanation.wording import words_of_reason, words_of_separation
from identity.prepare.records import STRONG_IDENTIFIER_TYPES

pytestmark = pytest.mark.slow

Explain = Callable[[str, str], Explanation]

TILL_NAMES = [first + rest for first in "BDFGHKLMNPRST" for rest in ("ala", "oru")]


def home(family: str, number: int) -> dict[str, Any]:
    """A home of its own for every test, so that all can be resolved together."""
    return {
        "family_name": family,
        "phones": [f"+4477009000{number:02d}"],
        "address_line": f"{number} High Street",
        "postcode": f"YO{number} 1AA",
    }


def mail(given: str, family: str) -> dict[str, Any]:
    return {"given_name": given, "family_name": family, "emails": [f"{given}.{family}@example.com".lower()]}


PEOPLE: dict[str, dict[str, Any]] = {
    "jane": mail("Jane", "Doe"),
    "jnae": {**mail("Jane", "Doe"), "given_name": "Jnae"},
    "path 1": mail("Olga", "Berg"),
    "path 2": {**mail("Olga", "Berg"), "phones": ["+447700900098"]},
    "path 3": {"given_name": "Olga", "family_name": "Berg", "phones": ["+447700900098"]},
    "equal 1": mail("Iris", "Stone"),
    "equal 2": mail("Iris", "Stone"),
    "equal 3": {**mail("Iris", "Stone"), "given_name": "Irsi"},
    "wilma": {**home("Marsh", 11), "given_name": "Wilma"},
    "wilma again": {**home("Marsh", 11), "given_name": "Wilma"},
    "otto": {**home("Marsh", 11), "given_name": "Otto"},
    "a smith": {"given_name": "Mary", "family_name": "Smith"},
    "another smith": {"given_name": "Mary", "family_name": "Smith"},
    "jack": {**home("Fenn", 12), "given_name": "Jack", "date_of_birth": date(1950, 3, 4)},
    "joan": {**home("Fenn", 12), "given_name": "Joan", "date_of_birth": date(1981, 7, 19)},
    "j": {**home("Fenn", 12), "given_name": "J."},
    "anton": {**mail("The", "Crows"), "given_name": "Anton"},
    "petra": {**mail("The", "Crows"), "given_name": "Petra"},
    "receipt": {"emails": ["the.crows@example.com"]},
    "ulla": {**home("Reed", 13), "given_name": "Ulla", "date_of_birth": date(1950, 3, 4), "loyalty_numbers": ["L1"]},
    "ivan": {**home("Reed", 13), "given_name": "Ivan", "date_of_birth": date(1981, 7, 19), "loyalty_numbers": ["L1"]},
    # married and moved: no two records of the two names agree enough, all of them together do
    "lund 1": {**mail("Petra", "Lund"), "date_of_birth": date(1975, 5, 2)},
    "lund 2": {**mail("Petra", "Lund"), "address_line": "1 Mill Road", "postcode": "EX1 1AA"},
    "holm 1": {**mail("Petra", "Holm"), "date_of_birth": date(1975, 5, 3)},
    "holm 2": {**mail("Petra", "Holm"), "address_line": "9 Church Lane", "postcode": "EX1 1AA"},
    "card 1": {**mail("Nora", "Quill"), "phones": ["+447700900072"], "loyalty_numbers": ["L2"]},
    "card 2": {**mail("Nora", "Quill"), "phones": ["+447700900072"], "loyalty_numbers": ["L3"], "city": "Bath"},
    "quarry": {**home("Ames", 14), **mail("Hugo", "Ames"), "date_of_birth": date(1950, 3, 4)},
    "quarry again": {**home("Ames", 14), **mail("Hugo", "Ames")},
    "hugo": {**home("Ames", 14), "given_name": "Hugo", "address_line": None, "date_of_birth": date(1981, 7, 19)},
    "tied 1": {"given_name": "Vera", "family_name": "Inch"},
    "tied 2": {"given_name": "Wim", "family_name": "Ell"},
    "parted 1": {**mail("Lena", "Yard"), "postcode": "GL1 1AA"},
    "parted 2": {**mail("Lena", "Yard"), "postcode": "GL1 1AA"},
    **{
        name: {"given_name": name, "family_name": f"{name[::-1]}son", "phones": ["+442079460000"]}
        for name in TILL_NAMES
    },
}


DECIDED = [
    {"decision": "must_link", "person_record_id_left": "tied 1", "person_record_id_right": "tied 2"},
    {"decision": "cannot_link", "person_record_id_left": "parted 2", "person_record_id_right": "parted 1"},
]


@pytest.fixture(scope="module")
def evidence(person_records, resolve_people) -> Evidence:
    resolution = resolve_people(PEOPLE, overrides=pa.Table.from_pylist(DECIDED, schema=OVERRIDES))
    assignments = resolution.clusters.select(["person_record_id", "cluster_id"])
    return Evidence(
        person_records(PEOPLE),
        assignments.rename_columns(["person_record_id", "profile_id"]),
        resolution.edges,
        resolution.shared_identifiers,
        resolution.model,
    )


@pytest.fixture(scope="module")
def explained(evidence: Evidence) -> Explain:
    """Explain two groups of records, each named by its keys joined by a plus sign."""
    return lambda left, right: explain(evidence, left.split("+"), right.split("+"))


def test_one_profile_is_explained_by_the_link_and_what_agrees(explained: Explain) -> None:
    found = explained("jane", "jnae")

    ((link, pair),) = found.links
    assert (found.is_one_profile, found.verdict, link.reason) == (True, "one_profile", "probabilistic_match")
    assert [f.words for f in pair.findings if f.weight > 0] == [
        "given names differ by a typo",
        "same family name",
        "same e-mail",
    ]
    assert found.reasons[0].startswith("One profile: linked directly; the weakest link has probability 0.")


def test_the_weights_of_a_pair_add_up_to_the_stored_one(evidence: Evidence) -> None:
    stored = {
        (row["person_record_id_left"], row["person_record_id_right"]): row["match_weight"]
        for row in evidence.edges.to_pylist()
        if row["match_weight"] is not None
    }

    weighed = weigh_pairs(
        evidence.person_records,
        evidence.mapping,
        stored,
        evidence.model,
        evidence.shared_identifiers,
        evidence.overrides,
    )

    assert len(stored) > 5
    assert {pair: made.match_weight for pair, made in weighed.items()} == stored
    for made in weighed.values():
        parts = made.prior_weight + sum(found.weight for found in made.findings) + made.doubt
        assert parts == pytest.approx(made.match_weight, abs=1e-3)


def test_a_pair_weighs_alone_what_it_weighs_among_all(evidence: Evidence) -> None:
    pair = [("jack", "joan")]
    records = evidence.person_records
    alone = records.filter(pc.is_in(records["person_record_id"], pa.array(pair[0])))

    found = [
        weigh_pairs(table, evidence.mapping, pair, evidence.model, evidence.shared_identifiers)
        for table in (alone, records)
    ]

    assert found[0] == found[1]


def test_two_records_that_a_third_connects_are_explained_by_a_path(explained: Explain) -> None:
    found = explained("path 1", "path 3")

    assert [(link.left, link.right) for link, _ in found.links] == [("path 1", "path 2"), ("path 2", "path 3")]
    assert [(pair.left, pair.right) for pair in found.closest] == [("path 1", "path 3")]


def test_equal_records_are_explained_as_exact_duplicates(explained: Explain) -> None:
    found = explained("equal 1", "equal 2")

    assert [(link.reason, pair) for link, pair in found.links] == [("exact_duplicate", None)]


def test_a_record_and_itself_are_explained_as_the_same(explained: Explain) -> None:
    assert explained("jane", "jane").reasons == ("Both are the same record.",)


def test_a_group_is_explained_by_the_links_that_connect_it(explained: Explain) -> None:
    found = explained("equal 1+equal 2+equal 3", "equal 1+equal 2+equal 3")

    assert found.reasons == ("One profile, connected by 2 link(s).",)


def test_a_weak_pair_is_explained_by_what_is_missing_and_what_differs(explained: Explain) -> None:
    found = explained("wilma", "otto")

    assert found.verdict == "too_weak"
    assert "bits short of the 67% that a link needs" in found.reasons[0]
    given = next(each for each in found.closest[0].findings if each.comparison == "given_name")
    assert given.words in found.reasons[1]
    assert found.reasons[2].startswith("Two members of one household would agree nearly as much")


def test_an_exact_duplicate_is_explained_like_the_first_record_of_its_unit(explained: Explain) -> None:
    assert explained("wilma", "otto").reasons == explained("wilma again", "otto").reasons


def test_names_alone_are_too_little(explained: Explain) -> None:
    found = explained("a smith", "another smith")

    assert found.verdict == "too_weak"
    assert found.reasons[-1].startswith("Only names agree, and many people have the same name")


def test_a_pair_that_was_never_compared_is_explained_by_the_blocking_rules(explained: Explain) -> None:
    found = explained("jane", "path 1")

    assert found.verdict == "never_compared"
    assert "same_email" in found.missed_rules
    assert "bits short of a link" in found.reasons[1]


def test_an_initial_that_matches_two_of_a_household_is_an_ambiguous_match(explained: Explain) -> None:
    found = explained("jack", "j")

    assert not explained("joan", "j").is_one_profile
    assert found.verdict == "fits_two"
    assert words_of_separation("fits_two_people") in found.reasons[0]


def test_a_conflict_between_groups_is_explained_by_the_pair_that_differs(explained: Explain) -> None:
    found = explained("quarry again", "hugo")

    assert explained("quarry", "quarry again").is_one_profile
    assert found.verdict == "divided"
    assert found.conflict is not None
    born = next(each for each in found.conflict.findings if each.comparison == "date_of_birth")
    assert f"quarry and hugo ({born.words}" in found.reasons[0]


def test_a_sparse_record_that_points_to_two_people_is_assigned_to_neither(explained: Explain) -> None:
    found = explained("receipt", "anton")

    assert found.verdict == "no_owner"
    assert "it is assigned to none of them" in found.reasons[0]


def test_a_suppressed_value_is_named_with_the_number_of_given_names_that_use_it(explained: Explain) -> None:
    found = explained("Bala", "Doru")

    count = len(TILL_NAMES)
    assert (
        found.reasons[-1] == f"Both have the same phone, but people with {count} given names use it: it is suppressed."
    )
    assert {value.identifier_value for value in found.closest[0].suppressed} == {"+442079460000"}


def test_a_loyalty_number_of_two_people_is_a_conflicting_identifier(explained: Explain) -> None:
    found = explained("ulla", "ivan")

    assert any("same loyalty number, but it is a conflicting identifier" in reason for reason in found.reasons)


def test_the_used_links_connect_every_profile(evidence: Evidence) -> None:
    profiles = {row["person_record_id"]: row["profile_id"] for row in evidence.assignments.to_pylist()}
    used = spanning_links(links_of(evidence.edges.to_pylist()))

    assert all(profiles[link.left] == profiles[link.right] for link in used)
    assert len(used) == len(profiles) - len(set(profiles.values()))


def test_groups_that_only_all_their_records_together_merge_say_so(explained: Explain) -> None:
    found = explained("lund 1", "holm 2")

    assert "joined_clusters" in {link.reason for link, _ in found.links}
    assert "merged by the evidence of all their records together" in found.reasons[0]


def test_a_must_link_override_is_a_reason(explained: Explain) -> None:
    found = explained("tied 1", "tied 2")

    assert [link.reason for link, _ in found.links] == ["must_link"]
    assert found.reasons[0].endswith("An override says that they are one person.")


def test_a_cannot_link_override_about_two_equal_records_is_the_first_reason(explained: Explain) -> None:
    found = explained("parted 1", "parted 2")

    assert found.verdict == "decided"
    assert found.reasons == ("An override says that parted 1 and parted 2 are two people; it outranks all evidence.",)
    assert not found.closest[0].is_exact_duplicate


def test_a_pair_that_a_limit_keeps_apart_names_the_limit(explained: Explain) -> None:
    found = explained("card 1", "card 2")

    assert found.verdict == "over_limit"
    assert found.reasons[0].endswith(f"{words_of_separation('too_many_loyalty_numbers')}.")


def test_every_reason_and_every_separation_has_words() -> None:
    separations = [*limits_by_name(Limits()), "fits_two_people", "conflicting_evidence", "cannot_link"]
    reasons = [*(f"same_{kind}" for kind in STRONG_IDENTIFIER_TYPES.values()), "joined_clusters", "must_link"]

    assert [name for name in separations if words_of_separation(name) == name.replace("_", " ")] == []
    assert [name for name in reasons if words_of_reason(name) == name.replace("_", " ")] == []


def test_a_record_that_is_no_part_of_the_evidence_is_named(explained: Explain) -> None:
    with pytest.raises(IdentityError, match="The record stranger is not part of the evidence"):
        explained("jane", "stranger")


def test_a_group_over_two_profiles_is_refused(explained: Explain) -> None:
    with pytest.raises(IdentityError, match="2 records in 2 profiles"):
        explained("jane+path 1", "jane")
