"""One process writes a home; the error of a second one names the holder."""

import subprocess
import sys
from pathlib import Path

import pytest

from cdp_orchestration.errors import WriterBusyError
from cdp_orchestration.home.writer_lock import writer_lock

_HOLDER = """
import sys
from pathlib import Path
from cdp_orchestration.home.writer_lock import writer_lock
with writer_lock(Path(sys.argv[1]), "a long sync"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_error_of_a_second_writer_names_the_holder_of_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / "writer.lock"
    with _other_process(lock) as holder:
        with pytest.raises(WriterBusyError, match=rf"process {holder.pid} \(a long sync"), writer_lock(lock, "mine"):
            pass
        holder.communicate("")
    with writer_lock(lock, "mine"):
        assert lock.with_suffix(".holder.json").exists()


def test_a_killed_writer_leaves_the_lock_free(tmp_path: Path) -> None:
    lock = tmp_path / "writer.lock"
    with _other_process(lock) as holder:
        holder.kill()
        holder.wait()
    with writer_lock(lock, "mine"):
        assert "mine" in lock.with_suffix(".holder.json").read_text(encoding="utf-8")


def _other_process(lock: Path) -> "subprocess.Popen[str]":
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder
