"""Why two records are one profile, or why not: each verdict on a tiny set of people, resolved for real."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from identity import OVERRIDES, Evidence, Explanation, IdentityError, Limits, explain
from identity.clusters.profile_limits import limits_by_name
from identity.explanation.link_paths import holding_links, links_of
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
    told = explained("jane", "jnae")

    ((link, pair),) = told.links
    assert (told.is_one_profile, told.verdict, link.reason) == (True, "one_profile", "probabilistic_match")
    assert [found.words for found in pair.findings if found.weight > 0] == [
        "given names differ by a typo",
        "same family name",
        "same e-mail",
    ]
    assert told.reasons[0].startswith("One profile: linked directly; the weakest link has probability 0.")


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


def test_two_records_over_a_third_are_told_as_a_path(explained: Explain) -> None:
    told = explained("path 1", "path 3")

    assert [(link.left, link.right) for link, _ in told.links] == [("path 1", "path 2"), ("path 2", "path 3")]
    assert [(pair.left, pair.right) for pair in told.closest] == [("path 1", "path 3")]


def test_equal_records_are_told_as_equal(explained: Explain) -> None:
    told = explained("equal 1", "equal 2")

    assert [(link.reason, pair) for link, pair in told.links] == [("exact_duplicate", None)]


def test_a_record_and_itself_are_told_as_the_same(explained: Explain) -> None:
    assert explained("jane", "jane").reasons == ("Both are the same record.",)


def test_a_group_is_told_by_the_links_that_hold_it_together(explained: Explain) -> None:
    told = explained("equal 1+equal 2+equal 3", "equal 1+equal 2+equal 3")

    assert told.reasons == ("One profile, held together by 2 link(s).",)


def test_a_weak_pair_is_told_what_is_missing_and_what_speaks_against(explained: Explain) -> None:
    told = explained("wilma", "otto")

    assert told.verdict == "too_weak"
    assert "bits short of the 67% that a link needs" in told.reasons[0]
    assert "given names differ" in told.reasons[1]
    assert told.reasons[2].startswith("Two members of one household would agree nearly as much")


def test_an_equal_record_is_explained_like_the_one_that_stands_for_it(explained: Explain) -> None:
    assert explained("wilma", "otto").reasons == explained("wilma again", "otto").reasons


def test_names_alone_are_told_to_be_too_little(explained: Explain) -> None:
    told = explained("a smith", "another smith")

    assert told.verdict == "too_weak"
    assert told.reasons[-1].startswith("Only names agree, and many people bear one name")


def test_a_pair_that_nothing_brought_together_is_told_the_rules(explained: Explain) -> None:
    told = explained("jane", "path 1")

    assert told.verdict == "never_compared"
    assert "same_email" in told.missed_rules
    assert "bits short of a link" in told.reasons[1]


def test_an_initial_that_fits_two_of_a_household_is_told_to_join_neither(explained: Explain) -> None:
    told = explained("jack", "j")

    assert not explained("joan", "j").is_one_profile
    assert told.verdict == "fits_two"
    assert "fits another person about as well" in told.reasons[0]


def test_a_group_that_another_record_contradicts_is_told_the_pair_that_does(explained: Explain) -> None:
    told = explained("quarry again", "hugo")

    assert explained("quarry", "quarry again").is_one_profile
    assert told.verdict == "divided"
    assert "quarry and hugo (dates of birth differ" in told.reasons[0]


def test_a_record_that_fits_two_people_is_told_to_have_no_owner(explained: Explain) -> None:
    told = explained("receipt", "anton")

    assert told.verdict == "no_owner"
    assert "nobody can say whose it is" in told.reasons[0]


def test_a_withheld_value_is_named_with_the_number_of_people_who_use_it(explained: Explain) -> None:
    told = explained("Bala", "Doru")

    count = len(TILL_NAMES)
    assert told.reasons[-1] == f"Both hold the same phone, but {count} given names use it: it is nobody's evidence."
    assert {value.identifier_value for value in told.closest[0].suppressed} == {"+442079460000"}


def test_a_loyalty_number_of_two_people_is_told_to_link_nobody(explained: Explain) -> None:
    told = explained("ulla", "ivan")

    assert "Both hold the same loyalty number, but it is seen with people who differ: it links nobody." in told.reasons


def test_the_used_links_hold_every_profile_together(evidence: Evidence) -> None:
    profiles = {row["person_record_id"]: row["profile_id"] for row in evidence.assignments.to_pylist()}
    used = holding_links(links_of(evidence.edges.to_pylist()))

    assert all(profiles[link.left] == profiles[link.right] for link in used)
    assert len(used) == len(profiles) - len(set(profiles.values()))


def test_groups_that_only_all_their_records_join_are_told_so(explained: Explain) -> None:
    told = explained("lund 1", "holm 2")

    assert "joined_clusters" in {link.reason for link, _ in told.links}
    assert "joined by the evidence of all their records together" in told.reasons[0]


def test_a_decision_that_two_are_one_is_told(explained: Explain) -> None:
    told = explained("tied 1", "tied 2")

    assert [link.reason for link, _ in told.links] == ["must_link"]
    assert told.reasons[0].endswith("Somebody decided that they are one.")


def test_a_decision_that_two_equal_records_are_two_people_is_told_first(explained: Explain) -> None:
    told = explained("parted 1", "parted 2")

    assert told.verdict == "decided"
    assert told.reasons == ("Somebody decided that parted 1 and parted 2 are two people, whatever the evidence says.",)
    assert not told.closest[0].is_exact_duplicate


def test_a_pair_that_a_limit_keeps_apart_is_told_which_one(explained: Explain) -> None:
    told = explained("card 1", "card 2")

    assert told.verdict == "over_limit"
    assert told.reasons[0].endswith("one profile would then hold more loyalty numbers than one person has.")


def test_every_reason_and_every_separation_has_words() -> None:
    separations = [*limits_by_name(Limits()), "fits_two_people", "conflicting_evidence", "cannot_link"]
    reasons = [*(f"same_{kind}" for kind in STRONG_IDENTIFIER_TYPES.values()), "joined_clusters", "must_link"]

    assert [name for name in separations if words_of_separation(name) == name.replace("_", " ")] == []
    assert [name for name in reasons if words_of_reason(name) == name.replace("_", " ")] == []


def test_a_record_that_is_no_part_of_the_evidence_is_named(explained: Explain) -> None:
    with pytest.raises(IdentityError, match="No record nobody among the"):
        explained("jane", "nobody")


def test_a_group_over_two_profiles_is_refused(explained: Explain) -> None:
    with pytest.raises(IdentityError, match="2 records in 2 profiles"):
        explained("jane+path 1", "jane")
