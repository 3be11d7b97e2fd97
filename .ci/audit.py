"""Look up every pinned package in a database of advisories: `make audit`.

Ends with 0 where no advisory is known; also where no database can be reached, which it says with the reason. Ends with
1 where one is known, or where the audit itself fails.
"""

import os
import subprocess
import sys
from pathlib import Path

import requests

TOOL = "pip-audit==2.10.1"
DATABASE = os.environ.get("ADVISORIES_URL", "https://api.osv.dev/v1/query")
ACCEPTED: dict[str, str] = {}
"""Advisories that do not concern the platform, by their id, with the reason."""
REQUIREMENTS = Path(__file__).parents[1] / "requirements.txt"
_REFUSED_ON_THE_WAY = {403, 407}
_TIMEOUT_SECONDS = 20


def why_unreachable(database: str) -> str | None:
    """Return why a database of advisories cannot be asked; None where it can.

    Args:
        database: its address, which answers a query for one version of a package.
    """
    query = {"package": {"name": "requests", "ecosystem": "PyPI"}, "version": "2.0.0"}
    try:
        answer = requests.post(database, json=query, timeout=_TIMEOUT_SECONDS)
    except requests.RequestException as error:
        return f"{type(error).__name__}"
    if answer.status_code in _REFUSED_ON_THE_WAY or answer.status_code >= requests.codes.internal_server_error:
        return f"it answers {answer.status_code}"
    return None


def audit(database: str) -> int:
    """Compare the pins with the database, and print what is known of them.

    Args:
        database: its address.

    Returns:
        What the program ends with.
    """
    if reason := why_unreachable(database):
        found = f"Audit skipped: no database of advisories can be reached ({database}: {reason})"
        print(f"::warning::{found}" if os.environ.get("GITHUB_ACTIONS") else found)  # noqa: T201
        return 0
    ignored = [word for name in ACCEPTED for word in ("--ignore-vuln", name)]
    # Pins and hashes are read as they stand: nothing is resolved or installed but the tool, apart from .venv
    command = [
        *(str(Path(sys.executable).with_name("uv")), "tool", "run", "--quiet", TOOL),
        *("--requirement", str(REQUIREMENTS), "--require-hashes", "--disable-pip", "--strict"),
        *("--vulnerability-service", "osv", "--osv-url", database, "--progress-spinner", "off", *ignored),
    ]
    return subprocess.run(command, check=False).returncode  # noqa: S603 - the words are those above


if __name__ == "__main__":
    sys.exit(audit(DATABASE))
