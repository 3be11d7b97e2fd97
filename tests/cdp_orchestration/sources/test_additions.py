"""A source is drafted from some of its rows: the kinds, the key, the cursor, what a row is."""

import json
from pathlib import Path

import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.samples import sample_of_file
from cdp_orchestration.sources import DeclarationError, declared_streams
from cdp_orchestration.sources.drafting.additions import add_source, preview
from cdp_orchestration.sources.drafting.inference import infer
from cdp_orchestration.sources.drafting.samples import SampleError, sample_of_rows

MEMBERS = """Member No,First Name,Last Name,E-Mail,Telephone,Zip Code,Birthday,Newsletter,Signed Up,Last Updated
M-1,Ada,Byron,ada@example.org,+44 20 7946 0018,01234,1990-05-02,subscribed,2026-01-01 10:00:00,2026-02-01 10:00:00
M-2,Ben,Stone,ben@example.org,,04567,,unsubscribed,2026-01-01 10:00:00,2026-02-03 10:00:00
"""
VISIT = {"visitorId": "v1", "siteId": "s1", "action": "open", "at": "2026-01-01T10:00:00Z"}


def write(folder: Path, text: str, name: str = "members.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_list_of_members_becomes_a_declaration_that_can_be_read(tmp_path):
    home = Settings(home=tmp_path / "home")
    found = infer(sample_of_file(write(tmp_path, MEMBERS)))

    add_source(home, "club/members", found)

    members = declared_streams(home)[-1]
    kinds = {field.name: (field.type, field.text_kind) for field in members.fields}
    assert (members.key, members.cursor) == (("Member No",), "Last Updated")
    assert kinds["Telephone"] == kinds["Zip Code"] == ("text", "digits")
    assert kinds["Birthday"] == ("date", "free")
    person = members.mapping.person
    assert (person.given_name, person.emails, person.record_type) == ("First Name", ("E-Mail",), "member")
    (consent,) = person.consents
    assert (consent.channel, consent.granted, consent.refused) == ("email", ("subscribed",), ("unsubscribed",))


def test_members_of_objects_are_renamed(tmp_path):
    row = {"id": 7, "contact": {"email": "ada@example.org", "name": {"first": "Ada"}}, "tags": ["a", "b"], "vip": True}
    home = Settings(home=tmp_path / "home")
    found = infer(sample_of_file(write(tmp_path, json.dumps(row) + "\n", "members.jsonl")))

    add_source(home, "club/members", found)

    members = declared_streams(home)[-1]
    assert dict(members.renames) == {"contact.email": "contact_email", "contact.name.first": "contact_name_first"}
    assert members.mapping.person.emails == ("contact_email",)
    assert {field.name: field.type for field in members.fields}["vip"] == "boolean"


@pytest.mark.parametrize(
    ("rows", "key"),
    [
        ([VISIT, VISIT | {"visitorId": "v2"}], ("visitorId",)),
        ([VISIT, VISIT | {"at": "2026-01-01T11:00:00Z"}], ("visitorId", "siteId", "at")),
        ([VISIT, VISIT | {"action": "close"}], ("visitorId", "siteId", "at", "action")),
        ([VISIT, VISIT], ()),
        ([VISIT | {"id": "1"}, VISIT | {"id": "2", "visitorId": "v2"}], ("id",)),
    ],
)
def test_the_key_is_what_no_two_rows_share(rows, key):
    assert infer(sample_of_rows(rows)).key == key


def test_a_row_without_a_contact_is_no_person():
    found = infer(sample_of_rows([{"id": "1", "name": "Spring sale", "at": "2026-01-01T10:00:00Z"}]))

    assert not found.is_person


def test_a_heading_with_other_values_than_its_name_says_is_no_contact():
    found = infer(sample_of_rows([{"id": "1", "email": "yes", "phone": "home"}]))

    assert not found.is_person


def test_a_person_corrects_the_guesses():
    found = infer(sample_of_rows([VISIT]))

    corrected = found.corrected(key=["siteId", "at"], cursor="", is_person=False)

    assert (corrected.key, corrected.cursor) == (("siteId", "at"), None)
    with pytest.raises(SampleError, match="sight is no column"):
        found.corrected(key=["sight"], cursor="", is_person=False)


def test_the_first_rows_are_shown_as_what_they_become(tmp_path):
    sample = sample_of_file(write(tmp_path, MEMBERS))
    header, rows = preview(sample, infer(sample))

    assert header[:3] == ("given_name", "family_name", "emails")
    assert rows[1][:4] == ("Ben", "Stone", "ben@example.org", "")


@pytest.mark.parametrize("name", ["club", "club/", "/members", "The Club/members"])
def test_a_name_that_is_no_stream_is_refused_and_nothing_is_written(tmp_path, name):
    home = Settings(home=tmp_path / "home")

    with pytest.raises(DeclarationError):
        add_source(home, name, infer(sample_of_file(write(tmp_path, MEMBERS))))

    assert not home.own_sources.exists()


@pytest.mark.parametrize(
    ("headings", "fields", "left_out"),
    [
        pytest.param(["ID", "id", "E-Mail", "e-mail"], ["ID", "E-Mail"], 2, id="that differ in case alone"),
        pytest.param(["ID", "a.b", "a_b"], ["ID", "a_b"], 1, id="of which two would be one field"),
        pytest.param(["ID", "a b", "A-B"], ["ID", "a b", "A-B"], 0, id="of one column in staging"),
        pytest.param(["ID", "_extra", "_id"], ["ID", "_id"], 1, id="that landing has"),
        pytest.param(["ID", 'a "b"', "{{ c }}", "x" * 301], ["ID"], 3, id="that no field can have"),
        pytest.param(["ID", "source_record_id"], ["ID", "source_record_id"], 0, id="staged"),
        pytest.param(["ID", "Почта", "почта 2", "'q'", "a\\b", "%s", "null", "#"], None, 0, id="of any letters"),
    ],
)
def test_a_draft_of_any_headings_is_one_that_can_be_built(
    tmp_path: Path, headings: list[str], fields: list[str] | None, left_out: int
) -> None:
    home = Settings(home=tmp_path / "home")
    found = infer(sample_of_rows([dict.fromkeys(headings, "1")]))
    path = add_source(home, "club/members", found)

    members = declared_streams(home)[-1]

    assert [field.name for field in members.fields] == (fields or headings)
    assert found.left_out_count == left_out
    assert (f"# {left_out} more by headings" in path.read_text(encoding="utf-8")) is bool(left_out)
    columns = [field.staged_name for field in members.fields]
    assert all(columns)
    assert len(set(columns)) == len(columns)


def test_a_draft_that_does_not_fit_the_other_declarations_is_not_written(tmp_path: Path) -> None:
    home = Settings(home=tmp_path / "home")
    found = infer(sample_of_rows([{"id": "1", "name": "x"}]))
    home.own_sources.mkdir(parents=True)
    (home.own_sources / "other.yml").write_text(
        "source: shop_a\nstreams: {orders: {key: [id], fields: {id: identifier}}}\n", encoding="utf-8"
    )
    with pytest.raises(DeclarationError, match="belongs to two streams"):
        add_source(home, "shop/a_orders", found)
    assert [path.name for path in home.own_sources.iterdir()] == ["other.yml"]
