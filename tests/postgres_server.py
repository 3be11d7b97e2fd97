"""A PostgreSQL of a test's own on loopback, which may be stopped and started, or a reason to skip."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from cdp_orchestration.demo.throwaway_postgres import USER, NoServerError, Server, throwaway_postgres

__all__ = ["PASSWORD", "USER", "Server", "postgres_that_stops", "running_postgres"]

PASSWORD = "s3cr3t-of-postgres"


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start a server and yield its address; it ends with the block."""
    with postgres_that_stops() as server:
        yield server.address


@contextmanager
def postgres_that_stops() -> Iterator[Server]:
    """Start a server that the block may stop and start; it ends with the block."""
    with ExitStack() as running:
        try:
            server = running.enter_context(throwaway_postgres(PASSWORD))
        except NoServerError as reason:
            pytest.skip(str(reason))
        yield server
