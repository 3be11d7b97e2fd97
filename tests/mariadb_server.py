"""A MariaDB of a test's own on loopback, or a reason to skip."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

USER, PASSWORD = "reader", "s3cr3t-of-mariadb"
_START_SECONDS = 30


@contextmanager
def running_mariadb() -> Iterator[tuple[str, Callable[[str], None]]]:
    """Start a server; yield its address and what runs statements in it. It ends with the block."""
    programs = [shutil.which(name) for name in ("mariadbd", "mariadb-install-db", "mariadb")]
    if None in programs:
        pytest.skip("MariaDB is not on this machine")
    server, install, client = map(str, programs)
    folder = Path(tempfile.mkdtemp(prefix="mariadb-", dir="/tmp"))
    data, place = folder / "data", folder / "mariadb.sock"
    as_user = ["--user=root"] if os.geteuid() == 0 else []
    small = ["--no-defaults", f"--datadir={data}", *as_user, "--innodb-log-file-size=4M"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    initial = [install, *small, "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(initial, check=True, **quiet)
    options = [f"--socket={place}", f"--port={port}", "--bind-address=127.0.0.1", "--innodb-flush-log-at-trx-commit=0"]
    process = subprocess.Popen([server, *small, *options, "--default-time-zone=+05:00", "--sql-mode="], **quiet)
    ask = [client, "--no-defaults", "-uroot", f"--socket={place}", "--default-character-set=utf8mb4", "shop"]

    def run(statements: str) -> None:
        subprocess.run(ask, input=statements.encode(), check=True, capture_output=True)

    try:
        _wait_until_it_answers(ask[:-1], process)
        subprocess.run([*ask[:-1], "-e", "create database shop character set utf8mb4"], check=True)
        run(f"create user {USER} identified by '{PASSWORD}'; grant select on shop.* to {USER}")
        yield f"mysql://{USER}:{PASSWORD}@127.0.0.1:{port}/shop", run
    finally:
        process.terminate()
        process.wait(timeout=_START_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_it_answers(ask: list[str], process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + _START_SECONDS
    while subprocess.run([*ask, "-e", "select 1"], capture_output=True, check=False).returncode:
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"MariaDB did not start within {_START_SECONDS} seconds")
        time.sleep(0.1)
