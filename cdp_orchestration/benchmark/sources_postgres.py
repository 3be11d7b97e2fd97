"""A PostgreSQL of the benchmark's own on loopback, with a table of invented orders."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import duckdb_extension_postgres_scanner as scanner

from cdp_orchestration.benchmark.sources_orders import ORDERS, write_orders
from cdp_orchestration.connectors.databases import Database
from cdp_orchestration.landing.raw_rows import quoted, text_literal

ADDRESS_VARIABLE = "CDP_BENCHMARK_POSTGRES"
_KINDS = {"decimal": "numeric", "timestamp": "timestamptz", "json": "jsonb", "boolean": "boolean"}


class NoServerError(Exception):
    """There is no PostgreSQL that could be started; the message says why."""


@dataclass(frozen=True)
class Server:
    """A running server: its address, and a folder in which it may write."""

    address: str
    folder: Path

    def run(self, statement: str) -> None:
        """Run a statement on the server."""
        with duckdb.connect() as engine:
            engine.load_extension(str(next(Path(scanner.__file__ or "").parent.rglob("*.duckdb_extension"))))
            engine.execute(f"attach {text_literal(self.address)} as shop (type postgres)")
            engine.execute(f"call postgres_execute('shop', {text_literal(statement)})")


@contextmanager
def running_server() -> Iterator[Server]:
    """Start a server and yield it; it ends with the block. Raises NoServerError where none can be started."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin")) if Path("/usr/lib/postgresql").is_dir() else []
    on_path = shutil.which("initdb")
    if not binaries and not on_path:
        raise NoServerError("PostgreSQL is not on this machine")
    is_root = os.geteuid() == 0
    if is_root and not shutil.which("runuser"):
        raise NoServerError("PostgreSQL refuses to run as root, and runuser is not on this machine")
    binary = binaries[-1] if binaries else Path(str(on_path)).parent
    folder = Path(tempfile.mkdtemp(prefix="cdp-bench-postgres-"))
    if is_root:
        shutil.chown(folder, "postgres")
    folder.chmod(0o755)
    password = secrets.token_urlsafe(16)
    secret = folder / "password"
    secret.write_text(password, encoding="utf-8")
    secret.chmod(0o644)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    data, options = folder / "data", f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"

    def run(program: str, *arguments: object) -> None:
        as_owner = ["runuser", "-u", "postgres", "--"] if is_root else []
        command = [*as_owner, str(binary / program), *map(str, arguments)]
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            subprocess.run(command, check=True, cwd=folder, stdout=nowhere, stderr=nowhere)  # noqa: S603 - no shell

    try:
        run(
            "initdb", "-D", data, "-A", "scram-sha-256", "-U", "owner", f"--pwfile={secret}", "-E", "UTF8", "--locale=C"
        )
        run("pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield Server(f"postgresql://owner:{password}@127.0.0.1:{port}/postgres", folder)
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fill(server: Server, count: int) -> None:
    """Create the table of orders with invented rows."""
    delivered = server.folder / "orders"
    write_orders(delivered, "csv", count)
    columns = ", ".join(f"{quoted(field.name)} {_KINDS.get(field.type, 'text')}" for field in ORDERS.fields)
    server.run(f"create table orders ({columns})")
    file = next(delivered.iterdir())
    server.run(f"copy orders from {text_literal(str(file))} (format csv, header)")
    server.run("analyze orders")


def copy_to_csv(server: Server) -> None:
    """Let the server write its table as CSV."""
    server.run(f"copy orders to {text_literal(str(server.folder / 'copied.csv'))} (format csv, header)")


def fetch(server: Server, folder: Path) -> int:
    """Fetch the table with the connector of the platform; return the rows."""
    os.environ[ADDRESS_VARIABLE] = server.address
    declared = Database.model_validate({"kind": "postgres", "url": f"env:{ADDRESS_VARIABLE}", "table": "public.orders"})
    return declared.connector().fetch(None, folder).row_count or 0
