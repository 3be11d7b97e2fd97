"""A server that speaks S3, on loopback and in a process of its own: some libraries hold Python while they wait."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

ACCESS_KEY, SECRET_KEY, REGION = "AKIAEXAMPLE", "wJalr-secret-of-the-bucket", "eu-west-1"
ACCESS = {"region": REGION, "access_key": "env:S3_KEY", "secret_key": "env:S3_SECRET"}
"""How a declaration names it; the environment has to have the two."""
_SECONDS_TO_START = 60.0


@contextmanager
def running_s3() -> Iterator[str]:
    """Start a server and yield its address; it ends with the block."""
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [Path(sys.executable).parent / "moto_server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ) as server:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _SECONDS_TO_START
    while True:
        with closing(socket.socket()) as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < deadline, "the S3 server does not start"
        time.sleep(0.1)
