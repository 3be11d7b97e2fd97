"""What a declaration may say of how files are written, and that it decides whether they land again."""

from pathlib import Path

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing import land_stream
from cdp_orchestration.sources import DeclarationError, Stream, declared_stream
from cdp_orchestration.sources.drafting.samples import SampleError
from cdp_orchestration.sources.file_forms import USUAL_FORMS, FileForms
from cdp_orchestration.sources.json_schema import declaration_schema
from cdp_orchestration.terminal.cli import app

CLUB = """source: club
streams:
  members:
    key: [id]
    fields: {id: identifier, NAME: text}
"""
FILES = "    files: {skip_lines: 1}\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    (tmp_path / "home" / "sources").mkdir(parents=True)
    monkeypatch.setenv("CDP_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return Settings(home=tmp_path / "home")


def declare(home: Settings, text: str, stream: str = "club/members") -> Stream:
    (home.own_sources / f"{stream.partition('/')[0]}.yml").write_text(text, encoding="utf-8")
    return declared_stream(stream, home)


def deliver(home: Settings, stream: Stream, content: bytes) -> None:
    folder = home.inbox / stream.source / stream.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.csv").write_bytes(content)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("encoding: Windows-1252", {"encoding": "cp1252"}),
        ("encoding: latin-1", {"encoding": "iso8859-1"}),
        ("encoding: UTF8", {}),
        ("encoding: utf-16", {"encoding": "utf-16-le"}),
        ("separator: ^", {"separator": "^"}),
        ("separator: ';'", {"separator": ";"}),
        ('separator: "\\t"', {"separator": "\t"}),
        ("separator: \\t", {"separator": "\t"}),
        ("separator: tab", {"separator": "\t"}),
        ("separator: '~|~'", {"separator": "~|~"}),
        ('quote: "\'"', {"quote": "'"}),
        ("quote: none", {"quote": "none"}),
        ("quote: '\"'", {}),
        ("escape: \\", {"escape": "\\"}),
        ("no_value: NULL", {"no_value": ("NULL", "null", "Null")}),
        ("no_value: ['-', \"?\"]", {"no_value": ("-", "?")}),
        ("sheet: 2", {"sheet": 2}),
        ("sheet: '2'", {"sheet": "2"}),
        ("skip_lines: 3, columns: [id, on]", {"skip_lines": 3, "columns": ("id", "on")}),
    ],
)
def test_a_form_may_be_said_in_several_words(home, said, read):
    files = declare(home, f"{CLUB}    files: {{{said}}}\n").files
    assert files.model_dump(exclude_defaults=True) == read


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("encoding: windows-1522", "did you mean windows-1252?"),
        ("encoding: rot13", "found 'rot13'; expected an encoding that Python knows"),
        ("encoding: idna", "expected an encoding that Python knows"),
        ("skip_lines: -1", "greater than or equal to 0"),
        ("skip_lines: two", "whole number"),
        ("columns: id", "found 'id'; expected a list of names"),
        ("columns: [id, 7]", "files.columns.1: found '7'"),
        ("columns: [id, NAME, id]", "id stands twice"),
        ("columns: [NAME, mail]", "files.columns lacks id, which is of the key or the cursor; found NAME, mail"),
        ("separator: '||||||'", "found '||||||'; expected one sign"),
        ("separator: '\"'", "expected one sign"),
        ("separator: x", "expected one sign"),
        ("sheet: 0", "found '0'; expected the name of a sheet, or its number from 1"),
        ("quoting: x", "quoting: a declaration has no such key here"),
        ("quote: x", "found 'x'; expected one sign that is no letter or figure, such as ', or none"),
        ("escape: '\"'", "expected one sign that is no letter, figure or quotation mark"),
        ("no_value: 7", "no_value"),
        ("{separator: '|', quote: '|'}", "expected a sign of its own for each"),
    ],
)
def test_a_wrong_form_is_named_by_file_line_and_what_was_expected(home, said, says):
    with pytest.raises(DeclarationError) as refused:
        declare(home, f"{CLUB}    files:\n      {said}\n")
    assert says in str(refused.value)
    assert "club.yml line" in str(refused.value)


def test_declared_columns_may_have_the_names_of_another_vendor(home):
    renamed = CLUB + "    renames: {Member No: id}\n    files: {columns: [Member No, NAME]}\n"
    stream = declare(home, renamed)
    deliver(home, stream, b"1,Ada\n")
    assert land_stream(stream, home).rows_landed == 1


@pytest.mark.parametrize(
    "connection",
    ["{kind: sqlite, path: /a.db, table: t}", "{kind: rest, base_url: 'https://example.org', path: members}"],
)
def test_files_that_the_platform_writes_itself_have_no_other_encoding(home, connection):
    with pytest.raises(DeclarationError, match=r"files.encoding is of files that others write.*leave it out"):
        declare(home, f"{CLUB}    from: {connection}\n    files: {{encoding: cp1252}}\n")


def test_fetched_files_have_the_declared_form(home):
    assert declare(home, f"{CLUB}    from: {{kind: files, path: /exports}}\n    files: {{encoding: cp1252}}\n")


def test_a_stream_of_which_nothing_is_said_about_files_keeps_the_names_of_its_batches(home):
    assert declare(home, CLUB).declaration == "1f91b439f5e844b7"
    assert declare(home, CLUB + "    files: {}\n").declaration == "1f91b439f5e844b7"
    assert declare(home, CLUB + "    files: {encoding: utf-8}\n").files == USUAL_FORMS == FileForms(encoding="UTF-8")


def test_a_file_lands_again_when_its_form_is_declared_and_not_when_another_word_says_the_same(home):
    stream = declare(home, CLUB)
    deliver(home, stream, "Members\nid,NAME\n1,Zoë\n".encode("cp1252"))
    assert land_stream(stream, home).files_refused == 1

    mended = declare(home, CLUB + "    files: {skip_lines: 1, encoding: windows-1252}\n")
    assert land_stream(mended, home).rows_landed == 1

    same = declare(home, CLUB + "    files: {encoding: cp1252, skip_lines: 1}\n")
    assert land_stream(same, home).files_landed == 0


def test_a_home_says_how_the_files_of_a_stream_that_ships_are_written(home):
    text = "source: crm\nstreams: {accounts: {files: {columns: [Id, Name, SystemModstamp], separator: '|'}}}\n"
    accounts = declare(home, text, "crm/accounts")
    deliver(home, accounts, b"C1|Acme|2026-01-01T00:00:00Z\n")
    assert land_stream(accounts, home).rows_landed == 1


def test_forms_of_files_fit_the_schema_and_others_do_not():
    said = yaml.safe_load(
        CLUB + '    files: {encoding: cp1252, columns: [id], separator: "^", sheet: 2, skip_lines: 1}\n'
    )
    jsonschema.validate(said, declaration_schema())
    for wrong in ("{skip_lines: -1}", "{quoting: x}", "{columns: 7}", "{quote: 7}"):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(yaml.safe_load(f"{CLUB}    files: {wrong}\n"), declaration_schema())


MEMBERS = 'Members\nof "today\n\nid;Vorname;Umsatz\n1;Zoë;€ 5\n2;Bo;€ 6\n'.encode("cp1252")


def add(*words: str) -> None:
    CliRunner().invoke(app, ["source", "add", "club/members", "--accept", *words], catch_exceptions=False)


def options(*words: str) -> list[str]:
    return [part for word in words for part in ("--with", word)]


@pytest.mark.parametrize("place", ["members.csv", "."])
def test_how_files_are_written_is_said_in_the_command_and_stands_in_the_draft(home, place):
    Path("members.csv").write_bytes(MEMBERS)
    add("--from", place, *options("encoding=windows-1252", "skip_lines=2"))
    written = (home.own_sources / "club.yml").read_text(encoding="utf-8")
    assert "files: {encoding: windows-1252, skip_lines: 2}" in written
    stream = declared_stream("club/members", home)
    assert [field.name for field in stream.fields] == ["id", "Vorname", "Umsatz"]
    deliver(home, stream, MEMBERS)
    assert land_stream(stream, home).rows_landed == 2


def test_columns_a_sign_and_a_sheet_are_said_in_the_command(home):
    Path("members.csv").write_bytes(b"1^Ada\n2^Bo\n")
    add("--from", "members.csv", *options("columns=id, name", "separator=^", "sheet=2"))
    stream = declared_stream("club/members", home)
    assert stream.files == FileForms(columns=("id", "name"), separator="^", sheet=2)
    assert [field.name for field in stream.fields] == ["id", "name"]


def test_quotes_escapes_and_words_for_nothing_are_said_in_the_command(home):
    content = rb"id|name|note" + b"\n" + rb"1|Ann \| B|NULL" + b"\n" + rb"2|Bo|-" + b"\n"
    Path("members.csv").write_bytes(content)
    add("--from", "members.csv", *options("quote=none", "escape=\\", "no_value=NULL,-"))
    stream = declared_stream("club/members", home)
    assert stream.files == FileForms(quote="none", escape="\\", no_value=("NULL", "-"))
    deliver(home, stream, content)
    assert land_stream(stream, home).rows_landed == 2


@pytest.mark.parametrize(
    ("content", "words", "says"),
    [
        (MEMBERS, [], r"not UTF-8.*--with encoding=windows-1252"),
        (MEMBERS, ["encoding=latin-1"], r"no letters of the declared encoding.*--with encoding="),
        (
            MEMBERS,
            ["encoding=cp1252"],
            "Most lines have another number of columns.*--with skip_lines=3.*--with columns=",
        ),
        (MEMBERS, ["encoding=cp1252", "skip_lines=9"], "--with skip_lines="),
        (b"1,ada@example.org\n2,bob@example.org\n", [], "called by an e-mail address.*--with columns="),
        (b"+49 151 1234567,Ada\n+49 151 1234568,Bob\n", [], "called by an e-mail address.*--with columns="),
        (MEMBERS, ["encoding=ansi", "skip_lines=x"], "encoding: expected an encoding.*; skip_lines: .*valid integer"),
        (MEMBERS, ["skiplines=2"], "takes no word skiplines; expected one of encoding, skip_lines, columns"),
    ],
)
def test_a_command_that_cannot_read_a_sample_says_which_word_would(home, content, words, says):
    Path("members.csv").write_bytes(content)
    with pytest.raises(SampleError, match=says):
        add("--from", "members.csv", *options(*words))
    assert not list(home.own_sources.iterdir())
