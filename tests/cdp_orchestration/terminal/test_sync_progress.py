"""A sync in a log writes one plain line a stage; in a terminal its display moves, and cannot fail the sync."""

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from cdp_orchestration.dagster.progress import StageEnded, StepStarted
from cdp_orchestration.terminal.sync_progress import MovingDisplay, PlainLines, shown_progress

SCRIPT = """
import time
from cdp_orchestration.dagster.progress import StageEnded, StepStarted
from cdp_orchestration.terminal.sync_progress import shown_progress
with shown_progress() as on_progress:
    on_progress(StepStarted("staging_models", 0, 2))
    time.sleep(0.3)
    on_progress(StageEnded("staging", 20500, 1.25))
    on_progress(StageEnded("identity", 9, 0.5, is_failed=True))
"""


def test_without_a_terminal_each_stage_is_one_plain_line() -> None:
    run = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=60)
    assert (run.stdout, run.stderr) == ("", "staging: 20,500 rows, 1.2 s\nidentity: failed after 0.5 s\n")


def test_an_environment_that_asks_for_colours_changes_no_line_of_a_log() -> None:
    environment = {**os.environ, "FORCE_COLOR": "1", "TTY_COMPATIBLE": "1", "CI": "true"}
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert "\x1b" not in run.stderr
    assert "\r" not in run.stderr


def test_in_a_terminal_the_step_is_shown_and_removed_at_the_end(tmp_path: Path) -> None:
    shown = _in_a_terminal({**os.environ, "TERM": "xterm-256color"})
    assert "staging_models" in shown
    assert "20,500 rows" not in shown
    assert shown.endswith("\x1b[2K")


def test_a_terminal_that_cannot_move_its_cursor_gets_plain_lines() -> None:
    shown = _in_a_terminal({**os.environ, "TERM": "dumb"})
    assert shown.splitlines() == ["staging: 20,500 rows, 1.2 s", "identity: failed after 0.5 s"]


def test_a_stage_without_tables_writes_no_line() -> None:
    stream = io.StringIO()
    lines = PlainLines(stream)
    lines(StepStarted("staging_models", 0, 1))
    lines(StageEnded("staging", None, 0.1))
    assert stream.getvalue() == ""


class _LostTerminal(io.StringIO):
    """A terminal whose window has been closed: every write fails."""

    def isatty(self) -> bool:
        return True

    def write(self, _: str) -> int:
        raise OSError("Input/output error")


def test_a_lost_terminal_does_not_fail_the_block(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    with shown_progress(_LostTerminal()) as on_progress:
        assert isinstance(on_progress, MovingDisplay)
    assert {record.message for record in caplog.records} == {
        "The progress of the sync cannot be shown; the sync itself continues."
    }


def _in_a_terminal(environment: dict[str, str]) -> str:
    """What the script writes to standard error when that is a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([sys.executable, "-c", SCRIPT], stderr=theirs, env=environment)
    os.close(theirs)
    written = b""
    try:
        while chunk := os.read(ours, 4096):
            written += chunk
    except OSError:  # Linux reports the end of a terminal as an error
        pass
    finally:
        os.close(ours)
    assert process.wait(timeout=60) == 0
    return written.decode()
