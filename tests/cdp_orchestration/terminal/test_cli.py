"""The command: helpful, and clear when something is wrong."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.writer_lock import writer_lock

pytestmark = pytest.mark.slow  # each starts a process of its own

COMMANDS = ("demo", "sync", "status", "profile", "explain", "identity", "releases", "report", "docs", "dev")
Cdp = Callable[..., "subprocess.CompletedProcess[str]"]


def test_help_lists_every_command(cdp: Cdp, tmp_path: Path) -> None:
    told = cdp(tmp_path / "home", "--help")
    assert told.returncode == 0
    assert [command for command in COMMANDS if command not in told.stdout] == []


@pytest.mark.parametrize(
    "arguments",
    [("profile", "ada@mail.org"), ("explain", "a", "b"), ("identity", "review"), ("releases",), ("report",), ("docs",)],
    ids=" ".join,
)
def test_without_a_release_the_error_is_one_line_that_says_how_to_make_one(
    cdp: Cdp, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    told = cdp(tmp_path / "home", *arguments)
    assert told.returncode == 1
    assert len(told.stderr.strip().splitlines()) == 1
    assert "cdp demo" in told.stderr


def test_status_of_an_empty_home_says_what_to_do(cdp: Cdp, tmp_path: Path) -> None:
    told = cdp(tmp_path / "home", "status")
    assert told.returncode == 0
    assert "none yet" in told.stdout


def test_a_second_writer_is_told_who_writes(cdp: Cdp, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with writer_lock(Settings(home).writer_lock, "a test"):
        told = cdp(home, "sync")
    assert told.returncode == 1
    assert "(a test, since" in told.stderr


def test_an_unknown_option_is_a_usage_error(cdp: Cdp, tmp_path: Path) -> None:
    told = cdp(tmp_path / "home", "sync", "--no-such-option")
    assert told.returncode == 2
