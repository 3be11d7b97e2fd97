"""The commands that only read: what is live, one customer, why two records are one customer.

Each answers within seconds of CPU that a benchmark limits, so each imports what it uses when it runs.
"""

from pathlib import Path
from typing import Annotated

import typer

from cdp_orchestration.errors import ProfileNotFoundError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.terminal.quick_start import without_pandas
from cdp_orchestration.terminal.tables import show, show_json

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs, in the shape described below.")]


def status(as_json: AsJson = False) -> None:
    """Show whether what readers see is healthy, what is wrong and what to do, the sources, the last syncs, the tables.

    Exit codes, for monitoring: 0 healthy; 1 degraded: something is wrong that stops no release, or there is no release
    yet; 2 blocked: no release can be made, or the live one should not be trusted.

    Raises:
        Exit: with this code.
    """
    from cdp_orchestration.terminal.json_shapes import status_json
    from cdp_orchestration.terminal.status import EXIT_CODES, read_status
    from cdp_orchestration.terminal.status_report import status_report
    from cdp_orchestration.terminal.summaries import model_comparison

    with without_pandas():
        found = read_status(Settings.from_environment())
    if as_json:
        show_json(status_json(found))
    else:
        show(status_report(found, model_comparison(found.candidate) if found.candidate else None))
    raise typer.Exit(EXIT_CODES[found.health])


def profile(
    term: Annotated[str, typer.Argument(help="A profile id, e-mail, phone, or source key such as crm:contact:<Id>.")],
    as_json: AsJson = False,
    touchpoints: Annotated[int, typer.Option(help="How many of the newest touchpoints to show.", min=1)] = 40,
) -> None:
    """Show one customer: the profile, its records and its journey, from the live release."""
    from cdp_orchestration.release.lookup import find_profile_ids, read_customer
    from cdp_orchestration.release.reader import require_live_release
    from cdp_orchestration.terminal import summaries
    from cdp_orchestration.terminal.json_shapes import profile_json

    with without_pandas(), require_live_release(Settings.from_environment().releases).connect() as release:
        found = find_profile_ids(release, term)
        if len(found) > 1:
            raise ProfileNotFoundError(
                f"{len(found)} profiles share that value ({', '.join(found[:10])}); ask for one of them by its id"
            )
        view = read_customer(release, found[0])
    if as_json:
        show_json(profile_json(view))
    else:
        show(summaries.customer(view, touchpoints))


def explain(
    left: Annotated[str, typer.Argument(help="A record key such as crm:contact:<Id>, an e-mail, phone or profile id.")],
    right: Annotated[str, typer.Argument(help="The other one, named in the same ways.")],
    as_json: AsJson = False,
    chart: Annotated[Path | None, typer.Option(help="Draw the weights of the pair into this PNG or SVG file.")] = None,
) -> None:
    """Explain why two records are one customer, or why not, from the live release."""
    from cdp_orchestration.identity_stage.explanation import draw_pair, explain_terms
    from cdp_orchestration.terminal.explanation_report import explanation
    from cdp_orchestration.terminal.json_shapes import explanation_json

    with without_pandas():
        explained = explain_terms(Settings.from_environment(), left, right)
    if chart:
        draw_pair(explained, chart)
    if as_json:
        show_json(explanation_json(explained))
    else:
        show(explanation(explained))
