"""Decisions about identities are two small files that people can read, edit and get clear answers from."""

from pathlib import Path

import pytest

from cdp_orchestration.errors import DecisionError
from cdp_orchestration.identity_stage.decisions import (
    Override,
    add_override,
    read_blocklist,
    read_overrides,
    withdraw_override,
)
from cdp_orchestration.identity_stage.fingerprint import decisions_fingerprint
from cdp_orchestration.settings import Settings


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


def test_a_withdrawn_decision_is_gone(settings: Settings) -> None:
    add_override(settings, _override("must_link", "a", "b"))
    assert withdraw_override(settings, "b", "a").decision == "must_link"
    assert read_overrides(settings) == []
    with pytest.raises(DecisionError, match="no override speaks of a and b"):
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
