"""The command in a process of its own, forked from one that has imported Dagster, dbt and Splink, which takes seconds.

It is what the console script runs, with its environment, working directory, streams and exit code. What the interpreter
reads when it starts is that of the tests, and the project is read once (``read_before.py``): ``test_packaging.py`` and
``test_end_to_end.py`` start the script itself.
"""

import multiprocessing
import os
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from multiprocessing.context import ForkServerContext
from multiprocessing.forkserver import ensure_running
from pathlib import Path

import main_module
import pytest

from cdp_orchestration.benchmark.faults.processes import IMPORTED_BEFORE, command

_STREAMS = {1: "stdout", 2: "stderr"}


def run_command(
    arguments: tuple[str, ...], environment: Mapping[str, str], folder: Path
) -> "subprocess.CompletedProcess[str]":
    """Run ``cdp`` and return how it ended.

    Args:
        arguments: as on the command line.
        environment: all variables that it has.
        folder: its working directory.

    Returns:
        Its exit code (of one that a signal ended, minus the signal's number) and what it wrote.
    """
    with tempfile.TemporaryDirectory(prefix="cdp-command-") as written:
        process = _forking().Process(target=_work, args=(arguments, dict(environment), str(folder), written))
        process.start()
        process.join()
        said = {stream: Path(written, stream).read_text(encoding="utf-8") for stream in _STREAMS.values()}
    code = process.exitcode
    process.close()
    assert code is not None
    return subprocess.CompletedProcess(["cdp", *arguments], code, **said)


@cache
def _forking() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([main_module.__name__, *IMPORTED_BEFORE, "read_before"])
    with pytest.MonkeyPatch.context() as environment:
        # The process that forks finds the modules of the tests by this alone
        environment.setenv("PYTHONPATH", str(Path(main_module.__file__).parent))
        ensure_running()
    return context


def _work(arguments: tuple[str, ...], environment: dict[str, str], folder: str, written: str) -> None:
    for number, stream in _STREAMS.items():
        file = os.open(Path(written, stream), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    command(*arguments)()
