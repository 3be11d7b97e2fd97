"""A PostgreSQL of a test's own on loopback, which may be stopped and started, or a reason to skip."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

USER, PASSWORD = "owner", "s3cr3t-of-postgres"


@dataclass(frozen=True)
class Server:
    """A server: its address, and what stops and starts it."""

    address: str
    stop: Callable[[], None]
    start: Callable[[], None]


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start a server and yield its address; it ends with the block."""
    with postgres_that_stops() as server:
        yield server.address


@contextmanager
def postgres_that_stops() -> Iterator[Server]:
    """Start a server that the block may stop and start; it ends with the block."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin")) if Path("/usr/lib/postgresql").is_dir() else []
    if not binaries:
        pytest.skip("PostgreSQL is not on this machine")
    if os.geteuid() == 0 and not shutil.which("runuser"):
        pytest.skip("PostgreSQL refuses to run as root, and runuser is not on this machine")
    folder = Path(tempfile.mkdtemp(prefix="postgres-", dir="/tmp"))
    as_owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_owner:
        shutil.chown(folder, "postgres")
    secret = folder / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    secret.chmod(0o644)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    data, binary = folder / "data", binaries[-1]
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    init = ["initdb", "-D", data, "-A", "scram-sha-256", "-U", USER, f"--pwfile={secret}", "-E", "UTF8", "--locale=C"]
    start = ["pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"]
    stop = ["pg_ctl", "-D", data, "-m", "immediate", "stop"]

    def run(command: list[object]) -> None:
        program, *arguments = map(str, command)
        subprocess.run(
            [*as_owner, str(binary / program), *arguments],
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    run(init)
    run(start)
    try:
        address = f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{port}/postgres"
        yield Server(address, lambda: run(stop), lambda: run(start))
    finally:
        if (data / "postmaster.pid").exists():
            run(stop)
        shutil.rmtree(folder, ignore_errors=True)
