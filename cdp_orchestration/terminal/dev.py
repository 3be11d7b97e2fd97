"""``cdp dev``: Dagster's UI and daemon on a home, quiet until they answer, then one sentence about them."""

import ipaddress
import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType
from urllib.error import URLError
from urllib.request import urlopen

from cdp_orchestration.errors import SettingsError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.terminal.status import automation_sentence
from cdp_orchestration.terminal.tables import show

_POLL_SECONDS = 0.5
_ANSWER_SECONDS = 5.0


def run_dagster(settings: Settings, host: str, port: int) -> int:
    """Run Dagster's UI and daemon until they are interrupted, and return their exit code.

    Args:
        settings: the home that they work on.
        host: the address that the UI listens on.
        port: its port.

    Returns:
        The exit code of `dagster dev`.
    """
    from cdp_orchestration.dagster.automation import automation_states
    from cdp_orchestration.dagster.instance import begin_retries, open_instance, prepare_instance, write_workspace
    from cdp_orchestration.dagster.killed_runs import close_killed_runs

    _require_free_port(host, port)
    folder = prepare_instance(settings)
    with open_instance(settings) as instance:
        begin_retries(instance)
        close_killed_runs(instance, settings, time.time())
    command = [sys.executable, "-m", "dagster", "dev", "--host", host, "--port", str(port)]
    command += ["--workspace", str(write_workspace(folder)), "--log-level", "warning"]
    # Of Python's warnings here none is about this project or can be acted on by its user
    environment = {"PYTHONWARNINGS": "ignore", **os.environ}
    # Started by a script in the background, Dagster would inherit that SIGINT is ignored, and then ignore SIGTERM too
    signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, env=environment)  # noqa: S603 - no shell, and no value of a customer
    _pass_on_signals(process)
    if _wait_until_it_answers(process, host, port):
        show(ready_sentence(host, port, automation_states(settings)))
    return process.wait()


def ready_sentence(host: str, port: int, states: dict[str, bool]) -> str:
    """Return where the UI is, and which schedules and sensors are running."""
    shown = automation_sentence(states)
    return f"Dagster's UI is at http://{host}:{port}; {shown}: start and stop them there under Automation"


def require_consent(host: str, is_agreed: bool) -> None:
    """Make sure that others reach the UI by a person's word alone: it asks for no password, and starts runs.

    Args:
        host: the address that the UI is to listen on.
        is_agreed: whether the person said so.

    Raises:
        SettingsError: the address may be reached from other machines, and the person has not agreed.
    """
    if is_agreed or _is_of_this_machine(host):
        return
    raise SettingsError(
        f"--host {host} lets other machines reach Dagster's UI, which asks for no password: whoever opens it can start "
        "runs. Keep 127.0.0.1 and put a proxy with a login in front of it (see SECURITY.md), or agree with "
        "--without-login"
    )


def _is_of_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _require_free_port(host: str, port: int) -> None:
    """Make sure that no other process listens on a port.

    Raises:
        SettingsError: one does.
    """
    try:
        with socket.create_connection((host, port), timeout=1):
            pass
    except OSError:
        return
    raise SettingsError(f"port {port} of {host} is used by another process; choose a free one with --port")


def _pass_on_signals(process: subprocess.Popen[bytes]) -> None:
    """Let Dagster end itself: Ctrl-C reaches it from the terminal, what is sent to this process alone is passed on."""

    def pass_on(number: int, _frame: FrameType | None) -> None:
        process.send_signal(number)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, pass_on)


def _wait_until_it_answers(process: subprocess.Popen[bytes], host: str, port: int) -> bool:
    """Return whether the UI answers; False when the process has ended before it did."""
    while process.poll() is None:
        try:
            with urlopen(f"http://{host}:{port}/server_info", timeout=_ANSWER_SECONDS):
                return True
        except (URLError, OSError):
            time.sleep(_POLL_SECONDS)
    return False
