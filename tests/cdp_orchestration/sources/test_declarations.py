"""What a home declares: read, checked, and put together with what ships."""

from pathlib import Path

import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.raw_rows import landed_types
from cdp_orchestration.sources import DeclarationError, declared_sources, declared_streams, is_changed, shipped_streams
from cdp_orchestration.sources.field import LANDED_COLUMNS

MEMBERS = """
source: club
streams:
  members:
    key: [id]
    cursor: changed
    fields:
      id: identifier
      Mail Address: {kind: text, staged: email}
      yes_to_mail: boolean
      changed: {kind: timestamp, staged: updated_at}
    person:
      record_type: member
      emails: Mail Address
      consents:
        - {field: yes_to_mail, channel: email, granted: true, refused: false}
"""


VISITS = """
    interaction:
      record_type: visit
      occurred_at: at
      event: id
      of: {field: id, record_type: guest}
      taxonomy: {"*": {touchpoint_type: visit, channel: store, stage: research}}
"""


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    (tmp_path / "sources").mkdir()
    return Settings(home=tmp_path)


def declare(home: Settings, text: str, name: str = "club.yml") -> Path:
    path = home.own_sources / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_home_without_declarations_has_the_streams_that_ship(tmp_path):
    assert declared_streams(Settings(home=tmp_path)) == shipped_streams()


def test_a_source_of_its_own_comes_after_those_that_ship(home):
    declare(home, MEMBERS)

    *shipped, members = declared_streams(home)

    assert tuple(shipped) == shipped_streams()
    assert (members.table, members.key, members.cursor) == ("club_members", ("id",), "changed")
    assert [field.staged_name for field in members.fields] == ["id", "email", "yes_to_mail", "updated_at"]
    assert members.staged_primary_key == "source_record_id"


def test_a_changed_declaration_is_read_again(home):
    declare(home, MEMBERS)
    before = declared_streams(home)[-1]
    declare(home, MEMBERS.replace("club", "society"))

    assert (before.source, declared_streams(home)[-1].source) == ("club", "society")


def test_the_names_of_another_vendor_lead_to_the_fields_that_ship(home):
    declare(home, "source: crm\nstreams:\n  contacts:\n    renames: {Record ID: Id, First Name: FirstName}\n")

    contacts = next(stream for stream in declared_streams(home) if stream.table == "crm_contacts")

    assert dict(contacts.renames) == {"Record ID": "Id", "First Name": "FirstName"}
    assert contacts.key == ("Id",)
    assert not contacts.is_own


def test_a_stream_may_be_added_to_a_source_that_ships(home):
    declare(home, MEMBERS.replace("source: club", "source: crm"))

    crm = next(source for source in declared_sources(home) if source.name == "crm")

    assert [stream.name for stream in crm.streams] == ["contacts", "accounts", "campaign_members", "members"]
    assert [stream.is_own for stream in crm.streams] == [False, False, False, True]


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("id: identifier", "id: identifyer", 8, "found 'identifyer'; expected one of text"),
        ("key: [id]", "key: [number]", 5, "key names field number, which is not declared"),
        ("emails: Mail Address", "emails: [Mail Address, phone]", 14, "person.emails names field phone"),
        ("cursor: changed", "cursor: id", 6, "the cursor id is of kind identifier; expected a timestamp"),
        ("channel: email", "channel: pigeon", 16, "found 'pigeon'; expected one of email, sms"),
        ("source: club", "source: The Club", 2, "found 'The Club'; expected lower case letters"),
        ("record_type: member", "record_typ: member", 13, "record_typ: a declaration has no such key here"),
        ("Mail Address: {", 'Mail "Address: {', 9, 'expected a text of one line without "'),
        ("boolean", "{kind: boolean, means: 'a {{ doc }}'}", 10, "without { and }"),
        ("kind: text,", "kind: text, survey: id,", 9, "kind text takes no survey"),
        (
            "id: identifier",
            "id: {kind: text, format: '%d.%m.%Y'}",
            8,
            "kind text takes no format; expected one of date",
        ),
        ("id: identifier", "id: {kind: date, format: epoch_seconds}", 8, "kind date takes no count since 1970"),
        ("id: identifier", "id: {kind: date_of_birth, format: '%d.%m.%y'}", 8, "no century of birth; expected %Y"),
        ("id: identifier", "id: {kind: date, format: DD.MM.YYYY}", 8, "found 'DD.MM.YYYY'; expected a format of strp"),
        ("id: identifier", "id: {kind: date, format: '%d.%Y'}", 8, "expected one day, one month and one year"),
        ("id: identifier", "id: {kind: date, format: '%d.%m.%m.%Y'}", 8, "a part stands twice"),
        ("id: identifier", "id: {kind: date, format: ['%d/%m/%Y', '%m/%d/%Y']}", 8, "the same text differently"),
        ("id: identifier", "id: {kind: timestamp, format: '%d.%m.%Y %I:%M'}", 8, "expected %H, or %I with %p"),
        (
            "id: identifier",
            "id: {kind: timestamp, time_zone: Berlin}",
            8,
            "found 'Berlin'; expected the name of a time",
        ),
        ("id: identifier", "id: {kind: text, divided_by: 100}", 8, "kind text takes no divided_by"),
        ("id: identifier", "id: {kind: amount, divided_by: 7}", 8, "found '7'"),
        ("id: identifier", "id: {kind: amount, decimal: ';'}", 8, "found ';'"),
        ("id: identifier", "id: score", 8, "a score needs `survey`: nps, csat or ces, or the field that names it"),
        (
            "id: identifier",
            "id: {kind: score, survey: kind}",
            8,
            "fields.id.survey names field kind, which is not decl",
        ),
        ("granted: true, refused: false", "evidence: form_answer", 16, "expected values that grant or refuse"),
        ("cursor: changed", "curser: changed", 6, "; did you mean cursor?"),
        (
            "cursor: changed",
            "cursor: chnged",
            6,
            "declared are id, Mail Address, yes_to_mail, changed; did you mean cha",
        ),
        ("cursor: changed", "deleted: {values: gone}", 6, "expected `field`, with the values that say so, or `absent"),
        ("cursor: changed", "from: {kind: ftp}", 6, "kind is 'ftp'; expected one of 'rest', 'postgres'"),
        ("cursor: changed", "from: {path: a.csv}", 6, "`kind` is missing; expected one of files, mysql"),
        ("cursor: changed", "from: {kind: rest, base_url: 'https://u:p@a.example', path: /a}", 6, "without user, pass"),
        ("cursor: changed", "freshness: soon", 6, "freshness: found 'soon'; expected a number of minutes"),
        ("cursor: changed", "freshness: {warn: 2 days, fail: 1 day}", 6, "freshness: warn is not below fail"),
        ("cursor: changed", "renames: [id]", 6, "renames: found a list; expected names with something said of each"),
        (
            "cursor: changed",
            "renames: {No: number}",
            6,
            "renames.No: found number; expected one of the declared fields",
        ),
        (
            "cursor: changed",
            "renames: {No: id.no}",
            6,
            "leads into id, of kind identifier; expected a field of kind js",
        ),
        ("key: [id]", "key: 5", 5, "found '5'; expected a text; a number or true needs quotes to be one"),
        ("key: [id]", "key: []", 5, "key: found a list; expected at least one"),
        ("source: club", "source: club\nowner: Ann Meyer", 3, "found 'Ann Meyer'; expected team:<name>"),
        ("source: club", "source:", 2, "source: found nothing; expected a text"),
        ("id: identifier", "id: !!python/name:os.system x", 8, "could not determine a constructor"),
    ],
)
def test_a_wrong_declaration_is_named_by_file_line_field_and_what_was_expected(home, old, new, line, says):
    path = declare(home, MEMBERS.replace(old, new))

    with pytest.raises(DeclarationError) as refused:
        declared_streams(home)

    assert f"{path} line {line}" in str(refused.value)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("source: [", "line [12]"),
        ("- club", "found no mapping"),
        ("source: crm\nstreams: [contacts]\n", "line 2: streams"),
        ("source: [club]\nstreams: {}\n", "line 1: source"),
        (MEMBERS + "source: club2\n", "line 17: source stands twice"),
        ("source: crm\nstreams: {contacts: {key: [Email]}}\n", "changes key of a stream that ships"),
        ("source: crm\nstreams: {contacts: {fields: {Id: text}}}\n", "changes fields.Id of a stream that ships"),
        (
            "source: crm\nstreams: {contacts: {fields: {Birthdate: {kind: date, format: '%d.%m.%Y'}}}}\n",
            "changes fields.Birthdate of a stream that ships",
        ),
        ("source: crm\nstreams: {contacts: {fields: {Email: {format: '%d.%m.%Y'}}}}\n", "kind text takes no format"),
        (MEMBERS.replace("yes_to_mail: boolean", "yes_to_mail: {kind: boolean, staged: email}"), "email twice"),
        (
            MEMBERS.replace("club", "crm").replace("members:", "x: {key: [id], fields: {id: text}}\n  contacts:"),
            "ships",
        ),
    ],
)
def test_what_cannot_be_a_declaration_is_refused_in_one_message(home, text, says):
    declare(home, text)

    with pytest.raises(DeclarationError, match=says.replace("(", r"\(")):
        declared_streams(home)


def test_a_field_that_ships_keeps_its_kind_where_a_home_says_how_it_is_written(home):
    declare(home, "source: crm\nstreams: {contacts: {fields: {Birthdate: {format: '%d.%m.%Y'}}}}\n", "crm.yml")

    (contacts,) = (stream for stream in declared_streams(home) if stream.table == "crm_contacts")
    (shipped,) = (stream for stream in shipped_streams() if stream.table == "crm_contacts")

    (birthdate,) = (field for field in contacts.fields if field.name == "Birthdate")
    assert birthdate.formats == ("%d.%m.%Y",)
    assert [field.type for field in contacts.fields] == [field.type for field in shipped.fields]
    assert is_changed(contacts)


def test_a_file_may_name_the_owner_of_a_source_that_ships_alone(home):
    declare(home, "source: crm\nowner: team:sales\n")

    assert declared_sources(home)[0].owner == "team:sales"


def test_two_files_for_one_source_are_refused(home):
    declare(home, MEMBERS)
    declare(home, MEMBERS, name="again.yml")

    with pytest.raises(DeclarationError, match=r"declared by .*again\.yml as well"):
        declared_streams(home)


def test_two_streams_with_one_table_are_refused(home):
    declare(home, MEMBERS.replace("source: club", "source: crm_campaign"))

    with pytest.raises(DeclarationError, match=r"landing\.crm_campaign_members belongs to two streams"):
        declared_streams(home)


def test_a_column_may_be_called_no_and_a_value_may_be_off(tmp_path):
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "club.yml").write_text(
        "source: club\nstreams: {m: {key: [no], fields: {no: text, y: text}, deleted: {field: y, values: [off, on]}}}\n"
    )

    stream = declared_streams(Settings(home=tmp_path))[-1]

    assert (stream.key, stream.mapping.deleted.values) == (("no",), ("off", "on"))


def test_a_boolean_is_compared_with_true_or_false_alone(tmp_path):
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "club.yml").write_text(
        "source: club\nstreams: {m: {key: [id], fields: {id: text, y: boolean}, deleted: {field: y, values: yes}}}\n"
    )

    with pytest.raises(DeclarationError, match="compares y, a boolean, with yes; expected true or false"):
        declared_streams(Settings(home=tmp_path))


def test_a_stream_that_ships_lands_as_before_wherever_it_comes_from(home: Settings) -> None:
    declare(
        home, "source: crm\nstreams: {contacts: {from: {kind: sqlite, path: crm.db, table: contacts}}}\n", "crm.yml"
    )
    contacts, accounts = (
        {stream.table: stream for stream in declared_streams(home)}[name] for name in ("crm_contacts", "crm_accounts")
    )
    assert contacts.declaration == ""
    assert (is_changed(contacts), is_changed(accounts)) == (True, False)


def test_the_names_that_no_field_may_have_are_those_of_the_columns_that_landing_adds(tmp_path: Path) -> None:
    stream = shipped_streams()[0]
    assert set(landed_types(stream)) - {field.name for field in stream.fields} == LANDED_COLUMNS
    for fields, says in (("_Extra: text", "landing adds"), ("Day: text, day: text", "case of letters alone")):
        write = f"source: club\nstreams: {{visits: {{key: [id], fields: {{id: identifier, {fields}}}}}}}\n"
        (tmp_path / "sources").mkdir(exist_ok=True)
        (tmp_path / "sources" / "club.yml").write_text(write, encoding="utf-8")
        with pytest.raises(DeclarationError, match=says):
            declared_streams(Settings(home=tmp_path))


TWO_STREAMS = """
source: club
streams:
  members:
    key: [id]
    fields: {id: identifier, opt: boolean, at: occurrence, what: text}
    person: {record_type: member, consents: [{field: opt, channel: email, granted: true}]}
    interaction:
      record_type: visit
      occurred_at: at
      event: what
      taxonomy: {"*": {touchpoint_type: visit, channel: store, stage: service}}
  guests:
    key: [id]
    fields: {id: identifier, opt: boolean, at: occurrence, what: text}
    person: {record_type: member, consents: [{field: opt, channel: email, granted: [true], refused: false}]}
    interaction:
      record_type: visit
      occurred_at: at
      event: what
      taxonomy: {"*": {touchpoint_type: visit, channel: store, stage: service}}
"""
EMAIL, SMS = "channel: email, granted: [true]", "channel: sms, granted: [true]"


def test_two_streams_may_have_one_kind_of_records(home):
    declare(home, TWO_STREAMS)

    assert [stream.name for stream in declared_streams(home)[-2:]] == ["members", "guests"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (EMAIL, SMS, "states sms, marketing by member.opt, which states email, marketing in club/members as well"),
        (
            EMAIL,
            f"{EMAIL}}}, {{field: opt, channel: sms, granted: true}}, {{field: opt, {EMAIL}",
            "states email, marketing by member.opt.email.marketing",
        ),
        ("stage: service}}\n", "stage: awareness}}\n", "says of '\\*' something else than club/members"),
        ('{"*"', '{Ja: &yes {touchpoint_type: a, channel: web, stage: service}, "ja ": *yes, "*"', "which are one"),
        ('{"*"', '{"✓": {touchpoint_type: a, channel: web, stage: service}, "*"', "expected letters or digits"),
    ],
)
def test_what_two_streams_call_by_one_name_is_one_thing(home, old, new, says):
    head, middle, tail = TWO_STREAMS.rpartition(old)
    declare(home, head + middle.replace(old, new) + tail)

    with pytest.raises(DeclarationError, match=says):
        declared_streams(home)


def test_interactions_of_a_source_that_ships_need_a_name_of_their_own(home):
    text = TWO_STREAMS.replace("source: club", "source: in_store").replace("visit", "transaction")
    declare(home, text, "in_store.yml")

    with pytest.raises(DeclarationError, match=r"says what in_store\.transaction\.\* means"):
        declared_streams(home)


def test_what_does_not_fit_other_declarations_is_named_by_its_line(home):
    path = declare(home, MEMBERS + "  visits:\n    key: [id]\n    fields: {id: identifier, at: timestamp}\n" + VISITS)

    with pytest.raises(DeclarationError, match=f"{path} line 25: .* refers to club.guest, and no source has such"):
        declared_streams(home)


def test_a_name_of_figures_or_a_day_is_a_name(home):
    declare(home, MEMBERS.replace("id: identifier", "id: identifier\n      2026-01-01: text\n      5: text"))

    assert [field.name for field in declared_streams(home)[-1].fields][:3] == ["id", "2026-01-01", "5"]
