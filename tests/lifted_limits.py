"""A sync whose landing lacks one limit, so that a row gets as far as the stage that the limit protects."""

import os
import subprocess
import sys
from pathlib import Path

_SYNC = """
import sys
from cdp_orchestration.sources import shipped_streams
from cdp_orchestration.terminal.cli import main
for field in (field for stream in shipped_streams() for field in stream.fields):
    {lift}
sys.argv = ["cdp", "sync"]
main()
"""
HIGHEST_REOPENS = 'if field.name == "reopens": object.__setattr__(field.range, "maximum", 10**12)'
FORM_OF_CURRENCIES = 'if field.name == "currency": object.__setattr__(field, "pattern", None)'


def sync_without(lift: str, home: Path) -> "subprocess.CompletedProcess[str]":
    """Sync a home in a process of its own; ``lift`` takes the limit off a field."""
    environment = {**os.environ, "CDP_HOME": str(home), "COLUMNS": "200"}
    environment.pop("DAGSTER_HOME", None)
    return subprocess.run(
        [sys.executable, "-c", _SYNC.format(lift=lift)],
        env=environment,
        cwd=home.parent,
        capture_output=True,
        text=True,
        check=False,
    )
