"""Each field of a source says what it is about people; a field that is not declared counts as identifying."""

from pathlib import Path

import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.sources import Stream, declared_stream, shipped_streams
from cdp_orchestration.sources.personal_data import KEPT_ROLES, PersonalData

NEWSLETTER = """
source: newsletter
streams:
  subscribers:
    key: [id]
    cursor: changed_at
    fields: {id: identifier, email: text, first_name: text, note: text, changed_at: timestamp}
    person: {record_type: subscriber, given_name: first_name, emails: email}
  activity:
    key: [subscriber, campaign]
    fields: {subscriber: identifier, campaign: text, ip: text, at: timestamp}
    interaction:
      record_type: activity
      occurred_at: at
      event: campaign
      of: {field: subscriber, record_type: subscriber}
      taxonomy: {"*": {touchpoint_type: mail, channel: email, stage: awareness}}
"""


def about(stream: Stream) -> PersonalData:
    assert stream.personal_data is not None
    return stream.personal_data


@pytest.mark.parametrize("stream", shipped_streams(), ids=lambda stream: stream.table)
def test_every_field_of_a_source_that_ships_has_a_role(stream: Stream) -> None:
    assert {name.partition(".")[0] for name in about(stream).roles} == {field.name for field in stream.fields}
    inside = {name for name in about(stream).roles if "." in name}
    assert {name.partition(".")[0] for name in inside} <= {
        field.name for field in stream.fields if field.type == "json"
    }


@pytest.mark.parametrize("stream", shipped_streams(), ids=lambda stream: stream.table)
def test_what_names_a_person_is_never_kept_of_a_fact(stream: Stream) -> None:
    naming = {path[0] for path in about(stream).named_by}
    kept = {name for name, role in about(stream).roles.items() if role in KEPT_ROLES}
    assert about(stream).are_people or not naming & kept


def test_a_source_of_ones_own_says_it_by_its_mapping(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "newsletter.yml").write_text(NEWSLETTER, encoding="utf-8")
    settings = Settings(home=tmp_path)
    people = about(declared_stream("newsletter/subscribers", settings))
    assert (people.are_people, people.record, people.named_by) == (
        True,
        "newsletter:subscriber",
        {("email",): "email"},
    )
    facts = about(declared_stream("newsletter/activity", settings))
    assert (facts.are_people, facts.named_by) == (False, {("subscriber",): "newsletter:subscriber"})
    assert [facts.role_of(name) for name in ("at", "ip", "never_declared")] == ["none", "identifying", "identifying"]


def test_a_field_with_two_roles_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    twice = (
        "streams: {a: {key: [id], fields: {id: identifier}, personal_data: {rows: people, key: [id], none: [id]}}}\n"
    )
    (tmp_path / "sources" / "club.yml").write_text(f"source: club\n{twice}", encoding="utf-8")
    with pytest.raises(Exception, match="id has two roles"):
        declared_stream("club/a", Settings(home=tmp_path))
