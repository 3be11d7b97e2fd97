"""``cdp doctor``: one line a check, with what to do."""

from typing import Annotated

import typer

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.terminal.tables import lines, show, show_json


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs, as described below.")] = False,
) -> None:
    """Check installation, home, permissions, disk, locks, schedules, sources, secrets, release and notifications.

    Changes nothing, and shows no secret. Exit codes: 0 all is ok, 1 something should be done, 2 something does not
    work.

    Raises:
        Exit: with this code.
    """
    from cdp_orchestration.doctor import EXIT_CODES, examine, worst

    found = examine(Settings.from_environment())
    if as_json:
        show_json([vars(line) for line in found])
    else:
        width = max(len(line.check) for line in found)
        for line in found:
            remedy = [f"{'':{width + 6}} To do: {line.remedy}"] if line.remedy else []
            show(lines([f"{line.verdict:<5} {line.check:<{width}} {line.found}", *remedy]))
    raise typer.Exit(EXIT_CODES[worst(found)])
