"""The commands about deliveries: the quarantine, and taking a file back."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing import land_stream
from cdp_orchestration.landing.trial import NothingToTryError
from cdp_orchestration.sources import declared_stream
from cdp_orchestration.terminal.cli import app


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("CDP_HOME", str(tmp_path))
    folder = tmp_path / "inbox" / "club" / "members"
    folder.mkdir(parents=True)
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "club.yml").write_text(
        "source: club\nstreams: {members: {key: [id], fields: {id: identifier, points: integer}}}\n"
    )
    (folder / "a.csv").write_text('id,points\n1,1\n2,"=cmd()"\n3,3\n', encoding="utf-8")
    settings = Settings(home=tmp_path)
    land_stream(declared_stream("club/members", settings), settings)
    return settings


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), catch_exceptions=False)


def test_the_quarantine_names_file_and_reason_and_no_value(home):
    listed = "".join(run("quarantine", "list", "--json").output.split())
    shown = run("quarantine", "show", "club/members").output

    assert "a.csv" in listed
    assert "not_an_integer" in listed
    assert "points" in shown
    assert "cmd" not in listed + shown


def test_values_are_shown_only_when_they_are_asked_for(home):
    (found,) = json.loads(run("quarantine", "show", "club/members", "--values", "--json").output)

    assert json.loads(found["raw_row"])["points"] == "=cmd()"


def test_no_value_of_an_exported_quarantine_is_a_formula(home, tmp_path):
    run("quarantine", "show", "club/members", "--values", "--output", str(tmp_path / "rows.csv"))

    assert "2" in (tmp_path / "rows.csv").read_text()
    assert ",=" not in (tmp_path / "rows.csv").read_text()


def test_a_retry_says_what_became_of_the_files(home):
    assert "1 files landed with 2 rows; 0 files, 1 rows" in run("quarantine", "retry", "club/members").output


def test_a_file_is_taken_back_and_taken_up_again(home):
    assert "2 rows of a.csv count no more" in run("source", "withdraw", "club/members", "a.csv", "--why", "test").output
    assert "Nothing is in the quarantine" in run("quarantine", "list").output
    assert "a.csv counts again" in run("source", "withdraw", "club/members", "a.csv", "--undo").output
    assert "a.csv was not taken back" in run("source", "withdraw", "club/members", "a.csv", "--undo").output


def test_the_list_says_how_each_stream_stands_as_a_table_and_as_json(home):
    (members,) = (each for each in json.loads(run("source", "list", "--json").output) if each["declared"] == "home")

    assert (members["stream"], members["rows"], members["refused_rows"]) == ("club/members", 2, 1)
    assert "in_store/transaction_items" in run("source", "list").output  # a name is one word in any width


def test_the_list_has_a_line_a_stream_at_eighty_signs_and_names_what_is_refused_below_it(home, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    listed = run("source", "list").output.splitlines()

    rows = [line for line in listed if line.startswith("│")]
    assert max(map(len, listed[: len(rows) + 4])) <= 80
    assert all("/" in line.split("│")[1] for line in rows)  # no row goes on in another line
    assert any(line.startswith("Refused: club/members: 1 rows of 1 file;") for line in listed)


def test_a_source_is_tried_with_all_its_streams_that_have_rows(home):
    tried = run("source", "check", "club")

    assert (tried.exit_code, "club/members, tried" in tried.output) == (0, True)
    with pytest.raises(NothingToTryError, match="inbox/crm/contacts/ has no file"):
        run("source", "check", "crm")


def test_a_draft_without_a_word_for_the_stream_is_named_after_the_file(home, tmp_path):
    (tmp_path / "2026_Readers.csv").write_text("id,email\n1,ada@mail.org\n2,ben@mail.org\n", encoding="utf-8")

    run("source", "add", "news", "--from", str(tmp_path / "2026_Readers.csv"), "--accept")

    assert declared_stream("news/readers", home).key == ("id",)
