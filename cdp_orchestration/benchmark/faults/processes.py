"""Commands that a fault may strike: each in a process of its own, forked from one that has imported everything.

What is forked runs the very command (``cdp sync``), only without the ten seconds in which it would import Dagster, dbt
and Splink. The process that forks never opens DuckDB itself, whose threads no fork survives.
"""

import importlib
import json
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdp_orchestration.dagster.progress import OnProgress
from cdp_orchestration.terminal import sync_progress
from cdp_orchestration.terminal.cli import main

IMPORTED_BEFORE = (
    "cdp_orchestration.dagster.code_location",
    "cdp_orchestration.dagster.pruning",
    "cdp_orchestration.dagster.sync_run",
    "cdp_orchestration.doctor.examination",
    "cdp_orchestration.identity_stage.charts",
    "cdp_orchestration.identity_stage.resolving",
    "cdp_orchestration.repair",
    "cdp_orchestration.terminal.status",
    "cdp_orchestration.terminal.syncing",
    "dbt.cli.main",
    "expectations.checking",
    "expectations.project",
    "identity.resolution",
    "splink",
)
_POLL_SECONDS = 0.005
_LONGEST_SECONDS = 1_200.0  # what takes longer hangs
_MAX_SAID = 3

Work = Callable[[], Any]


@dataclass(frozen=True)
class Ended:
    """How a process has ended.

    Attributes:
        code: its exit code; of one that a signal ended, minus the number of the signal.
        seconds: how long it ran.
        output: what it wrote, to both streams.
        result: what the work returned, where it came to its end.
    """

    code: int
    seconds: float
    output: str
    result: Any = None

    @property
    def is_killed(self) -> bool:
        """Whether SIGKILL ended it."""
        return self.code == -signal.SIGKILL

    @property
    def last_line(self) -> str:
        """What it said at the end, for a report: its error with the first detail, else the last line."""
        lines = [line.strip() for line in self.output.splitlines() if line.strip()]
        errors = [number for number, line in enumerate(lines) if line.startswith("error:")]
        said = lines[errors[-1] :][:2] if errors else lines[-1:]
        return " ".join(said)[:400] or "(nothing was written)"


def import_everything() -> None:
    """Import what the commands need, once, so that the forked processes have it."""
    for name in IMPORTED_BEFORE:
        importlib.import_module(name)


class Started:
    """A process that works on a home, in a process group of its own."""

    def __init__(self, work: Work, home: Path) -> None:
        """Fork it.

        Args:
            work: what it does; a value that JSON can hold is its result.
            home: the home, its ``CDP_HOME``.
        """
        self._place = Path(tempfile.gettempdir()) / f"cdp-fault-{os.getpid()}-{time.monotonic_ns()}"
        self._began = time.monotonic()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            _work_and_exit(work, home, self._place)

    def is_running(self) -> bool:
        """Whether it still runs."""
        found = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return found is None

    def has_begun(self) -> bool:
        """Whether it has said so by ``say_begun``."""
        return self._place.with_suffix(".begun").exists()

    def wait(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        """Wait so many seconds, or until it has ended or something else holds."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.is_running() and not until():
            time.sleep(_POLL_SECONDS)

    def kill(self, *, with_group: bool) -> None:
        """Kill it as a power cut or the system's memory guard would: with all that it started, or it alone."""
        with suppress(ProcessLookupError):
            (os.killpg if with_group else os.kill)(self.pid, signal.SIGKILL)

    def ended(self, seconds: float = _LONGEST_SECONDS) -> Ended:
        """Wait for its end and return how it was; what hangs is killed, and says so."""
        self.wait(seconds)
        hangs = self.is_running()
        self.kill(with_group=True)  # whatever it started and left behind, too
        _, status = os.waitpid(self.pid, 0)
        took = time.monotonic() - self._began
        output = self._read("output") + (f"\nTraceback: it still ran after {seconds:,.0f} s" if hangs else "")
        result = json.loads(self._read("result") or "null")
        for ending in ("output", "result", "begun"):
            self._place.with_suffix(f".{ending}").unlink(missing_ok=True)
        return Ended(os.waitstatus_to_exitcode(status), took, output, result)

    def _read(self, ending: str) -> str:
        file = self._place.with_suffix(f".{ending}")
        return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""


def run(work: Work, home: Path) -> Ended:
    """Do a piece of work in a process of its own, undisturbed, and return how it ended."""
    return Started(work, home).ended()


def answer(work: Work, home: Path) -> Any:
    """Return what a piece of work returns in a process of its own.

    Args:
        work: it must come to its end.
        home: the home.

    Returns:
        Its result.

    Raises:
        RuntimeError: it ended otherwise.
    """
    ended = run(work, home)
    if ended.code != 0:
        raise RuntimeError(f"{home}: {ended.output[-2_000:]}")
    return ended.result


def command(*arguments: str, on_progress: OnProgress | None = None) -> Work:
    """Return the work of a ``cdp`` command.

    Args:
        arguments: as on the command line.
        on_progress: what stands in the place of the display of a sync.

    Returns:
        It ends the process as the command does.
    """

    def work() -> None:
        sys.argv = ["cdp", *arguments]
        if on_progress is not None:
            sync_progress.shown_progress = _in_place_of_the_display(on_progress)
        main()

    return work


def say_begun() -> None:
    """Say in a forked process that what may be struck begins now."""
    Path(os.environ["CDP_FAULT_BEGUN"]).touch()


def _in_place_of_the_display(on_progress: OnProgress) -> Any:
    @contextmanager
    def shown_progress() -> Any:
        yield on_progress

    return shown_progress


def _work_and_exit(work: Work, home: Path, place: Path) -> None:
    code = 70
    try:
        os.setsid()
        _stand_in(home, place)
        result = work()
        place.with_suffix(".result").write_text(json.dumps(result), encoding="utf-8")
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - as Python itself does at the end of a process
        traceback.print_exc()
        code = 1
    finally:
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _stand_in(home: Path, place: Path) -> None:
    file = os.open(place.with_suffix(".output"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(file, stream)
    os.environ.update(CDP_HOME=str(home), COLUMNS="200", CDP_FAULT_BEGUN=str(place.with_suffix(".begun")))
    os.environ.pop("DAGSTER_HOME", None)
    os.chdir(home.parent)


def each_line(found: Sequence[str]) -> str:
    """Return some of what was found, as one line of a report."""
    return "; ".join(found[:_MAX_SAID]) + (f"; and {len(found) - _MAX_SAID} more" if len(found) > _MAX_SAID else "")
