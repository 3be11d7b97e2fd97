"""A sync of deliveries that are unlike all before, by a person who has looked at them and accepts what waits."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

MAX_SYNCS = 6  # figures wait at each stage that has some


def accepted_sync(cdp: Callable[..., "CompletedProcess[str]"], home: Path) -> "CompletedProcess[str]":
    """Sync, accept what waits, and go on, until a sync succeeds or fails for another reason."""
    for _ in range(MAX_SYNCS):
        result = cdp(home, "sync")
        if "_figures failed" not in result.stderr:
            return result
        waiting = json.loads(cdp(home, "gates", "list", "--json").stdout)
        for run in {each["run_id"] for each in waiting}:
            accepted = cdp(home, "gates", "accept", run, "--why", "the test means it")
            assert accepted.returncode == 0, accepted.stderr
    return result
