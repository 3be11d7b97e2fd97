"""The lists of known values are those that identity writes: the two libraries do not import each other."""

from expectations.known_values import EDGE_REASONS, NON_LINK_REASONS, SUPPRESSION_REASONS
from identity import Limits
from identity.clusters.profile_limits import limits_by_name
from identity.explanation.wording import words_of_suppression
from identity.prepare.overrides import KEPT
from identity.prepare.records import STRONG_IDENTIFIER_TYPES


def test_a_pair_is_linked_by_a_strong_identifier_or_by_one_of_five_other_reasons() -> None:
    by_identifier = {f"same_{kind}" for kind in STRONG_IDENTIFIER_TYPES.values()}
    others = {"exact_duplicate", "probabilistic_match", "joined_clusters", "must_link", KEPT}
    assert set(EDGE_REASONS) == by_identifier | others


def test_a_pair_is_kept_apart_by_a_limit_or_by_one_of_four_other_reasons() -> None:
    others = {"fits_two_people", "conflicting_evidence", "cannot_link", "changed_identity"}
    assert set(NON_LINK_REASONS) == {*limits_by_name(Limits()), *others}


def test_every_suppression_reason_has_words() -> None:
    assert [reason for reason in SUPPRESSION_REASONS if words_of_suppression(reason) == reason.replace("_", " ")] == []
