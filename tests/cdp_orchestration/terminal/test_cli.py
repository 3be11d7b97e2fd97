"""The command: helpful, and clear when something is wrong."""

import importlib.metadata
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.writer_lock import writer_lock
from cdp_orchestration.terminal.cli import app

pytestmark = pytest.mark.slow  # each starts a process of its own

COMMANDS = (
    *("demo", "sync", "status", "doctor", "profile", "explain", "identity", "source", "quarantine", "gates", "notify"),
    *("releases", "report", "docs", "dev"),
)
Cdp = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.mark.parametrize("arguments", [("--help",), ()], ids=["--help", "no argument"])
def test_help_lists_every_command(cdp: Cdp, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    ended = cdp(tmp_path / "home", *arguments)
    assert ended.returncode == 0
    assert [command for command in COMMANDS if command not in ended.stdout] == []


def test_the_version_is_that_of_the_installed_package(cdp: Cdp, tmp_path: Path) -> None:
    ended = cdp(tmp_path / "home", "--version")
    assert (ended.returncode, ended.stdout) == (0, f"cdp {importlib.metadata.version('customer-data-platform')}\n")


def test_the_help_of_a_command_does_not_speak_to_who_calls_its_function(cdp: Cdp, tmp_path: Path) -> None:
    for arguments in (("doctor",), ("privacy", "erase")):
        ended = cdp(tmp_path / "home", *arguments, "--help")
        assert ended.returncode == 0
        assert "Exit codes" in ended.stdout or "keyed hashes" in ended.stdout
        assert "Raises" not in ended.stdout


def _all_commands(group: Any) -> Iterator[Any]:
    for command in group.commands.values():
        yield from _all_commands(command) if hasattr(command, "commands") else (command,)


@pytest.mark.parametrize("command", list(_all_commands(get_command(app))), ids=lambda command: str(command.name))
def test_the_help_of_a_command_that_prints_json_has_its_shape(command: Any) -> None:
    prints_json = any("--json" in option.opts for option in command.params)
    assert prints_json == ("JSON: " in command.epilog and command.name != "dictionary")


@pytest.mark.parametrize("command", list(_all_commands(get_command(app))), ids=lambda command: str(command.name))
def test_the_help_of_every_command_ends_with_an_example(command: Any) -> None:
    assert any(
        f"Example: cdp {group}{command.name}" in command.epilog
        for group in (
            "",
            "identity ",
            "source ",
            "quarantine ",
            "gates ",
            "notify ",
            "releases ",
            "export ",
            "privacy ",
        )
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("profile", "ada@mail.org"),
        ("explain", "a", "b"),
        ("identity", "review"),
        ("releases", "list"),
        ("releases", "verify"),
        ("export", "dictionary"),
        ("report",),
        ("docs",),
    ],
    ids=" ".join,
)
def test_without_a_release_the_error_is_one_line_that_says_how_to_make_one(
    cdp: Cdp, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    ended = cdp(tmp_path / "home", *arguments)
    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "cdp demo" in ended.stderr


def test_status_of_an_empty_home_says_what_to_do_and_is_not_green(cdp: Cdp, tmp_path: Path) -> None:
    ended = cdp(tmp_path / "home", "status")
    assert ended.returncode == 1
    assert "none yet" in ended.stdout


@pytest.mark.parametrize(
    "command",
    [
        ("sync",),
        ("quarantine", "retry", "crm/contacts"),
        ("source", "confirm", "crm/contacts"),
        ("source", "withdraw", "crm/contacts", "export.csv"),
    ],
    ids=" ".join,
)
def test_a_second_writer_waits_and_gets_an_error_that_names_the_first(
    cdp: Cdp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("CDP_WRITER_WAIT_SECONDS", "1.5")
    home = tmp_path / "home"
    with writer_lock(Settings(home).writer_lock, "a test"):
        ended = cdp(home, *command)
    assert ended.returncode == 1
    assert "(a test, since" in ended.stderr
    assert "waiting for up to 2 s" in ended.stderr


def test_a_source_that_no_one_has_declared_is_named_with_those_that_are(cdp: Cdp, tmp_path: Path) -> None:
    ended = cdp(tmp_path / "home", "sync", "--source", "crm", "--source", "crn")
    assert ended.returncode == 1
    assert "'crn' is no source of this home; expected one of crm, ecommerce, in_store, support" in ended.stderr


def test_an_unknown_option_is_a_usage_error(cdp: Cdp, tmp_path: Path) -> None:
    ended = cdp(tmp_path / "home", "sync", "--no-such-option")
    assert ended.returncode == 2


def test_a_usage_error_repeats_what_was_typed_as_text(cdp: Cdp, tmp_path: Path) -> None:
    ended = cdp(tmp_path / "home", "sync", "--[red]\x1b]8;;https://example.com\x07")
    assert ended.returncode == 2
    assert "\x1b" not in ended.stderr
    assert "--[red]\\x1b]8;;https://example.com\\x07" in ended.stderr


def test_the_status_of_an_empty_home_as_json_says_that_nothing_is_live(cdp: Cdp, tmp_path: Path) -> None:
    found = json.loads(cdp(tmp_path / "home", "status", "--json").stdout)
    assert (found["live_release"], found["syncs"], found["candidate_model"]) == (None, [], None)


def test_the_demo_is_synced_after_each_of_its_deliveries(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("CDP_HOME", str(home))
    delivered = []

    def synced(settings: Settings, *, full: bool, is_shown: bool) -> None:
        assert not full
        delivered.append((len(list(settings.inbox.glob("in_store/stores/*"))), is_shown))

    monkeypatch.setattr("cdp_orchestration.terminal.syncing.sync_home", synced)
    with pytest.raises(SystemExit, match="0"):
        app(["demo", "--customers", "3", "--drops", "3"])
    assert delivered == [(1, False), (2, False), (3, True)]
