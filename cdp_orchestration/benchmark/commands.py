"""What a question on the command line costs: seconds of CPU of the whole process, its start and imports included."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import RenderableType

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.reader import Release, require_live_release
from cdp_orchestration.terminal.tables import table

HELP_LIMIT, QUESTION_LIMIT = 0.5, 1.5  # seconds of CPU
_RUNS = 3  # the least counts: whatever else the machine does only adds to it

# The largest profile: its id, and two of its records
_LARGEST_PROFILE = """
select profile_id, list(person_record_id order by person_record_id)[:2]
from profile_records
group by profile_id
order by count(*) desc, profile_id
limit 1
"""


def measure_commands(settings: Settings) -> RenderableType:
    """Run each question on the live release of a home and return its seconds of CPU with the limit."""
    rows = []
    for arguments, limit in _questions(require_live_release(settings.releases)):
        seconds = min(_cpu_seconds(settings, arguments) for _ in range(_RUNS))
        rows.append((f"cdp {arguments[0]}", f"{seconds:.2f}", f"{limit:.1f}", "" if seconds <= limit else "too slow"))
    return table("Commands", ("command", "CPU seconds", "limit", ""), rows)


def _questions(release: Release) -> list[tuple[Sequence[str], float]]:
    with release.connect() as connection:
        profile_id, records = connection.execute(_LARGEST_PROFILE).fetchall()[0]
    return [
        (("--help",), HELP_LIMIT),
        (("status",), QUESTION_LIMIT),
        (("releases",), QUESTION_LIMIT),
        (("profile", profile_id), QUESTION_LIMIT),
        (("explain", records[0], records[-1]), QUESTION_LIMIT),
    ]


def _cpu_seconds(settings: Settings, arguments: Sequence[str]) -> float:
    command = [str(Path(sys.executable).parent / "cdp"), *arguments]
    before = os.times()
    subprocess.run(  # noqa: S603 - the project's own command, no shell
        command, env={**os.environ, "CDP_HOME": str(settings.home)}, check=True, stdout=subprocess.DEVNULL
    )
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system
