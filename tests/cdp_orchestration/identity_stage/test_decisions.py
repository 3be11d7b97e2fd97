"""Decisions about identities are two small files that people can read, edit and get clear answers from."""

from pathlib import Path

import pytest

from cdp_orchestration.errors import DecisionError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.decisions import (
    Override,
    add_override,
    read_blocklist,
    read_limits,
    read_overrides,
    withdraw_override,
)
from cdp_orchestration.identity_stage.fingerprint import decisions_fingerprint
from identity import Limits


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path)


def _override(decision: str, left: str, right: str) -> Override:
    return Override(decision, left, right, "ada", "2026-11-01T00:00:00Z", "seen in the shop")


def test_a_decision_is_read_back_as_it_was_written(settings: Settings) -> None:
    add_override(settings, _override("must_link", "crm:contact:1", "support:user:2"))
    assert read_overrides(settings) == [_override("must_link", "crm:contact:1", "support:user:2")]


def test_a_later_decision_about_two_records_replaces_the_earlier_one(settings: Settings) -> None:
    add_override(settings, _override("must_link", "a", "b"))
    add_override(settings, _override("cannot_link", "b", "a"))
    assert [override.decision for override in read_overrides(settings)] == ["cannot_link"]


def test_a_decision_that_contradicts_others_is_not_written(settings: Settings) -> None:
    add_override(settings, _override("must_link", "a", "b"))
    add_override(settings, _override("must_link", "b", "c"))
    with pytest.raises(DecisionError, match="a and c cannot be one person"):
        add_override(settings, _override("cannot_link", "a", "c"))
    assert len(read_overrides(settings)) == 2


def test_a_withdrawn_override_is_removed(settings: Settings) -> None:
    add_override(settings, _override("must_link", "a", "b"))
    assert withdraw_override(settings, "b", "a").decision == "must_link"
    assert read_overrides(settings) == []
    with pytest.raises(DecisionError, match="no override about a and b"):
        withdraw_override(settings, "a", "b")


def test_every_decision_is_a_reason_to_sync(settings: Settings) -> None:
    seen = {decisions_fingerprint(settings)}
    add_override(settings, _override("must_link", "a", "b"))
    seen.add(decisions_fingerprint(settings))
    settings.identifier_blocklist.write_text("identifier_type,identifier_value,why\nphone,+441,till\n", "utf-8")
    seen.add(decisions_fingerprint(settings))
    assert len(seen) == 3


def test_a_blocklist_that_names_an_unknown_type_is_refused_with_its_line(settings: Settings) -> None:
    settings.identifier_blocklist.parent.mkdir(parents=True)
    settings.identifier_blocklist.write_text("identifier_type,identifier_value,why\nfax,1,old\n", "utf-8")
    with pytest.raises(DecisionError, match="line 2: found identifier_type 'fax'; expected one of email, phone"):
        read_blocklist(settings)


def test_a_file_that_lacks_a_column_says_which(settings: Settings) -> None:
    settings.identity_overrides.parent.mkdir(parents=True)
    settings.identity_overrides.write_text("decision,why\n", "utf-8")
    with pytest.raises(DecisionError, match=r"lacks the column\(s\) person_record_id_left, person_record_id_right"):
        read_overrides(settings)


def _limits(settings: Settings, *lines: str) -> Limits:
    settings.identity_limits.parent.mkdir(exist_ok=True)
    settings.identity_limits.write_text("\n".join(["limit,value,why", *lines]), encoding="utf-8")
    return read_limits(settings)


def test_limits_are_the_library_s_but_for_those_that_the_file_sets(settings: Settings) -> None:
    assert read_limits(settings) == Limits()
    limits = _limits(settings, "emails_per_profile,8,resellers", "link_probability,0.9,wrong merges are expensive here")
    assert limits == Limits(emails_per_profile=8, link_probability=0.9)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("emails_a_profile,8,", "line 2: found limit 'emails_a_profile'; expected one of link_probability"),
        ("emails_per_profile,some,", "line 2: found emails_per_profile = 'some'; expected a whole number"),
        ("link_probability,high,", "line 2: found link_probability = 'high'; expected a number"),
        ("link_probability,0.3,", "tie_probability 0.2, review_probability 0.5 and link_probability 0.3"),
        ("emails_per_profile,0,", "The limit emails_per_profile is 0; expected 1 or more"),
    ],
)
def test_a_limit_that_cannot_be_is_named_with_its_line(settings: Settings, line: str, message: str) -> None:
    with pytest.raises(DecisionError, match=message):
        _limits(settings, line)


def test_another_limit_is_a_reason_to_sync(settings: Settings) -> None:
    before = decisions_fingerprint(settings)
    _limits(settings, "emails_per_profile,8,resellers")
    assert decisions_fingerprint(settings) != before
