"""A PostgreSQL of its own on loopback, in a temporary folder, for as long as a command, a benchmark or a test needs it.

It lies in the system's temporary folder and not below a home: started by root, the server runs as the user postgres,
who may enter that folder, but not every home.
"""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb

from cdp_orchestration.connectors.databases.scanners import scanner_of
from cdp_orchestration.errors import CdpError
from cdp_orchestration.home.sql_text import text_literal

USER = "owner"
_INSTALLED = Path("/usr/lib/postgresql")  # where Debian and Ubuntu have the programs, a folder a version
_OWNER_OF_SERVER = "postgres"
_DATA = "data"


class NoServerError(CdpError):
    """No PostgreSQL can be started on this machine; the message says why."""


@dataclass(frozen=True)
class Server:
    """A server: its address, a folder in which it may write, and what stops and starts it."""

    address: str
    folder: Path
    stop: Callable[[], None]
    start: Callable[[], None]

    @property
    def is_running(self) -> bool:
        """Whether the server has been started and not stopped since."""
        return _is_running(self.folder)

    def run(self, statement: str) -> None:
        """Run a statement on the server."""
        with duckdb.connect() as engine:
            engine.execute("set enable_progress_bar = false")
            engine.load_extension(str(scanner_of("postgres")))
            engine.execute(f"attach {text_literal(self.address)} as server (type postgres)")
            engine.execute(f"call postgres_execute('server', {text_literal(statement)})")


@contextmanager
def throwaway_postgres(password: str | None = None) -> Iterator[Server]:
    """Start a server; it ends with the block, and nothing of it remains.

    Args:
        password: that of its user; without it, a random one.

    Yields:
        The server. Where PostgreSQL is not on this machine, or does not start, NoServerError is raised.
    """
    programs = _programs()
    as_owner = _as_owner()
    folder = Path(tempfile.mkdtemp(prefix="cdp-postgres-"))
    try:
        if as_owner:
            shutil.chown(folder, _OWNER_OF_SERVER)
        password = password or secrets.token_urlsafe(16)
        secret = folder / "password"
        secret.write_text(password, encoding="utf-8")
        if as_owner:
            shutil.chown(secret, _OWNER_OF_SERVER)
        secret.chmod(0o600)
        port, data = _free_port(), folder / _DATA
        # Nothing of it outlives the block, so that nothing need reach the disk.
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        init = ("-D", data, "-A", "scram-sha-256", "-U", USER, f"--pwfile={secret}", "-E", "UTF8", "--locale=C")
        control = [*as_owner, programs / "pg_ctl", "-D", data]
        start = partial(_run, folder, [*control, "-w", "-l", folder / "log", "-o", options, "start"])
        stop = partial(_run, folder, [*control, "-m", "immediate", "stop"])
        _run(folder, [*as_owner, programs / "initdb", *init])
        start()
        try:
            yield Server(f"postgresql://{USER}:{password}@127.0.0.1:{port}/postgres", folder, stop, start)
        finally:
            if _is_running(folder):
                stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_running(folder: Path) -> bool:
    return (folder / _DATA / "postmaster.pid").exists()


def _programs() -> Path:
    """Return the folder of the newest version's programs: those on the path are often for clients alone."""
    found = sorted(_INSTALLED.glob("*/bin/initdb"), key=lambda path: _number(path.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        raise NoServerError(
            "PostgreSQL is not on this machine: its program initdb was found neither on the path nor below "
            f"{_INSTALLED}. Install PostgreSQL."
        )
    return found[-1].parent if found else Path(str(on_path)).resolve().parent


def _number(version: str) -> float:
    return float(version) if version.replace(".", "", 1).isdecimal() else 0.0


def _as_owner() -> list[str]:
    """Return what a command begins with so that the server's own user runs it: it refuses to run as root."""
    if os.geteuid() != 0:
        return []
    names = {user.pw_name for user in pwd.getpwall()}
    if not shutil.which("runuser") or _OWNER_OF_SERVER not in names:
        raise NoServerError(
            f"PostgreSQL refuses to run as root, and runuser or the user {_OWNER_OF_SERVER} is not on this machine. "
            "Run the command as another user."
        )
    return ["runuser", "-u", _OWNER_OF_SERVER, "--"]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _run(folder: Path, command: list[object]) -> None:
    # A file and not a pipe: the server keeps what its starter gave it, and a pipe would never end.
    with (folder / "said").open("w+", encoding="utf-8") as said:
        ended = subprocess.run(  # noqa: S603 - no shell
            list(map(str, command)), check=False, cwd=folder, stdout=said, stderr=subprocess.STDOUT
        )
        if ended.returncode:
            said.seek(0)
            lines = said.read().strip().splitlines()[-1:] or ["it said nothing"]
            program = next(Path(str(part)).name for part in command if isinstance(part, Path))
            raise NoServerError(f"PostgreSQL cannot be started: {program} ended with {ended.returncode}: {lines[0]}.")
