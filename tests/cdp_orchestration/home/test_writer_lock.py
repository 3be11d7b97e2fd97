"""One process writes a home; a second one waits its turn, and the error of one that waits too long names the holder."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cdp_orchestration.errors import SettingsError, WriterBusyError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.waiting_line import is_first, place_in_line
from cdp_orchestration.home.writer_lock import writer_lock

_HOLDER = """
import sys
from pathlib import Path
from cdp_orchestration.home.writer_lock import writer_lock
with writer_lock(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), lambda text: print(text, flush=True)):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_error_of_a_second_writer_names_the_holder_of_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / "writer.lock"
    with _other_process(lock) as holder:
        assert _line(holder) == "held"
        with pytest.raises(WriterBusyError, match=rf"process {holder.pid} \(a long sync"), writer_lock(lock, "mine"):
            pass
        holder.communicate("")
    with writer_lock(lock, "mine"):
        assert lock.with_suffix(".holder.json").exists()


def test_a_killed_writer_leaves_the_lock_free(tmp_path: Path) -> None:
    lock = tmp_path / "writer.lock"
    with _other_process(lock) as holder:
        assert _line(holder) == "held"
        holder.kill()
        holder.wait()
    with writer_lock(lock, "mine"):
        assert "mine" in lock.with_suffix(".holder.json").read_text(encoding="utf-8")


def test_a_second_writer_says_who_it_waits_for_and_goes_on_when_that_has_ended(tmp_path: Path) -> None:
    lock = tmp_path / "writer.lock"
    with _other_process(lock) as first:
        assert _line(first) == "held"
        with _other_process(lock, "the second", 30) as second:
            assert f"is being written by process {first.pid} (a long sync, since" in _line(second)
            first.communicate("")
            assert _line(second) == "held"
            second.communicate("")
    assert list(lock.with_suffix(".line").iterdir()) == []


def test_who_came_first_has_the_lock_first_though_one_in_between_was_killed(tmp_path: Path) -> None:
    lock = tmp_path / "writer.lock"
    with _other_process(lock) as holder:
        assert _line(holder) == "held"
        with _waiting(lock, "first") as first, _waiting(lock, "between") as killed, _waiting(lock, "last") as last:
            killed.kill()
            killed.wait()
            holder.communicate("")
            assert _line(first) == "held"
            assert f"process {first.pid} (first" in _line(last)
            first.communicate("")
            assert _line(last) == "held"
            last.communicate("")


def test_a_writer_that_has_waited_long_enough_gets_the_error(tmp_path: Path) -> None:
    lock = tmp_path / "writer.lock"
    said: list[str] = []
    with _other_process(lock) as holder:
        assert _line(holder) == "held"
        began = time.monotonic()
        with pytest.raises(WriterBusyError, match="wait until it ends"), writer_lock(lock, "mine", 1.2, said.append):
            pass
        assert 1.2 <= time.monotonic() - began < 5
        holder.communicate("")
    assert len(said) == 1
    assert said[0].endswith("waiting for up to 1 s")
    assert list(lock.with_suffix(".line").iterdir()) == []


def test_a_place_of_a_killed_process_holds_up_no_other(tmp_path: Path) -> None:
    (tmp_path / "00000000000000000001-1-left").touch()
    with place_in_line(tmp_path) as first, place_in_line(tmp_path) as second:
        assert is_first(first)
        assert not is_first(second)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("written", ["-1", "an hour", "inf"])
def test_a_time_to_wait_that_is_no_number_of_seconds_is_refused(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("CDP_WRITER_WAIT_SECONDS", written)
    with pytest.raises(SettingsError, match="expected a number of seconds"):
        Settings.from_environment()


def test_a_short_command_waits_no_longer_than_a_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.from_environment().short_wait_seconds < Settings.from_environment().writer_wait_seconds
    monkeypatch.setenv("CDP_WRITER_WAIT_SECONDS", "2.5")
    assert Settings.from_environment().short_wait_seconds == Settings.from_environment().writer_wait_seconds == 2.5


@contextmanager
def _other_process(
    lock: Path, purpose: str = "a long sync", wait_seconds: float = 0
) -> Iterator["subprocess.Popen[str]"]:
    """Run a process that takes the lock, says what it waits for and that it has it, and ends with its input."""
    command = [sys.executable, "-c", _HOLDER, str(lock), purpose, str(wait_seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def _waiting(lock: Path, purpose: str) -> Iterator["subprocess.Popen[str]"]:
    with _other_process(lock, purpose, 30) as process:
        assert "waiting for up to 30 s" in _line(process)
        yield process


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")
