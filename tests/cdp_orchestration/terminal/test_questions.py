"""The commands that read a release: quick to start, text for a person, JSON for a program."""

import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import get_type_hints

import pytest

from cdp_orchestration.terminal import json_shapes
from cdp_orchestration.terminal.release_report import ReleaseJson

pytestmark = pytest.mark.slow  # each starts a process of its own

Cdp = Callable[..., "subprocess.CompletedProcess[str]"]

ONE, TWO, OTHER = "crm:contact:1", "ecommerce:customer:2", "support:user:3[/b]"
QUESTIONS = {
    "status": ("status",),
    "releases": ("releases", "list"),
    "profile": ("profile", ONE),
    "explain one profile": ("explain", ONE, TWO),
    "explain two profiles": ("explain", ONE, OTHER),
}
SLOW_TO_IMPORT = {"dagster", "dbt", "great_expectations", "pandas", "scipy", "altair"}


@pytest.mark.parametrize("arguments", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_a_question_shows_hostile_values_as_text(cdp: Cdp, hostile_home: Path, arguments: tuple[str, ...]) -> None:
    ended = cdp(hostile_home, *arguments)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert {c for c in ended.stdout if c != "\n" and unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"}} == set()


def test_a_profile_shows_brackets_links_and_escapes_as_they_were_written(cdp: Cdp, hostile_home: Path) -> None:
    shown = cdp(hostile_home, "profile", ONE).stdout
    assert "[/b][link=https://example.com]Jane\\x1b]8;;https://example.com\\x07\\x9b31m\\u202e\\u200b\\n:bomb:" in shown
    assert "same_[bold]number" in shown
    assert "[blink]loyal" in shown


def test_an_explanation_shows_addresses_and_keys_as_they_were_written(cdp: Cdp, hostile_home: Path) -> None:
    shown = cdp(hostile_home, "explain", ONE, OTHER).stdout
    assert OTHER in shown
    assert "[/b][link=https" in shown


def test_an_error_shows_a_path_with_brackets_as_it_was_typed(cdp: Cdp, hostile_home: Path) -> None:
    ended = cdp(hostile_home, "identity", "review", "--import", "[/b]\x1b[2J.csv")
    assert ended.returncode == 1
    assert ended.stderr.startswith("error: [/b]\\x1b[2J.csv does not exist")


@pytest.mark.parametrize("arguments", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_a_question_imports_no_library_that_it_does_not_use(hostile_home: Path, arguments: tuple[str, ...]) -> None:
    code = (
        "import atexit, sys\n"
        f"atexit.register(lambda: print(sorted({SLOW_TO_IMPORT | {'splink'}!r} & set(sys.modules)), file=sys.stderr))\n"
        "from cdp_orchestration.terminal.cli import main\n"
        f"sys.argv = ['cdp', *{arguments!r}]\n"
        "main()\n"
    )
    environment = {**os.environ, "CDP_HOME": str(hostile_home)}
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    # only Splink itself weighs a pair exactly as a sync does
    expected = ["splink"] if arguments[0] == "explain" else []
    assert ended.stderr.strip() == str(expected)


def test_the_help_imports_only_what_shows_it() -> None:
    slow = {"cdp_orchestration.health", "pyarrow", "pydantic"}
    code = f"import sys; import cdp_orchestration.terminal.cli; print({slow!r} & set(sys.modules) or 'none')"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "none"


@pytest.mark.parametrize(
    ("arguments", "shape"),
    [
        (("status",), json_shapes.StatusJson),
        (("profile", ONE), json_shapes.ProfileJson),
        (("explain", ONE, TWO), json_shapes.ExplanationJson),
        (("explain", ONE, OTHER), json_shapes.ExplanationJson),
    ],
    ids=["status", "profile", "explain one profile", "explain two profiles"],
)
def test_json_has_the_documented_shape(
    cdp: Cdp, hostile_home: Path, arguments: tuple[str, ...], shape: type[object]
) -> None:
    ended = cdp(hostile_home, *arguments, "--json")
    assert set(json.loads(ended.stdout)) == set(get_type_hints(shape))


def test_the_releases_are_a_list_of_the_documented_shape(cdp: Cdp, hostile_home: Path) -> None:
    (release,) = json.loads(cdp(hostile_home, "releases", "list", "--json").stdout)
    assert set(release) == set(get_type_hints(ReleaseJson))
    assert (release["is_live"], release["profile_count"]) == (True, 2)
    assert release["folder"] == str(hostile_home / "releases" / release["release_id"])


def test_json_holds_the_very_value_of_a_customer(cdp: Cdp, hostile_home: Path) -> None:
    found = json.loads(cdp(hostile_home, "profile", ONE, "--json").stdout)
    assert found["profile"]["given_name"].startswith("[/b][link=https://example.com]Jane\x1b]8;;")
    assert found["profile"]["record_count"] == 2


def test_the_status_as_json_names_the_live_release_and_its_tables(cdp: Cdp, hostile_home: Path) -> None:
    found = json.loads(cdp(hostile_home, "status", "--json").stdout)
    assert found["home"] == str(hostile_home)
    assert found["live_release"]["tables"]["profiles"] == 2
    assert (found["syncs"], found["candidate_model"]) == ([], None)
