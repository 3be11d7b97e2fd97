"""The commands about the gates: which figures wait for a person, and accepting them."""

import getpass
from datetime import UTC
from typing import TYPE_CHECKING, Annotated

import typer

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.terminal.arguments import AsJson
from cdp_orchestration.terminal.tables import show, show_json, show_wait, table

if TYPE_CHECKING:
    from cdp_orchestration.figures.acceptance import WaitingFigure

gates_app = typer.Typer(no_args_is_help=True, help="The gates: what they hold back, and letting it through.")


@gates_app.command(
    "list",
    epilog="Example: cdp gates list --json\n\nJSON: a list of run_id, subject, figure, of, value, usual, low, high, "
    "measured_at, delivered_at, and found and expected in the unit of the figure.",
)
def list_waiting(as_json: AsJson = False) -> None:
    """Show the figures that are too far from what was accepted before, and wait for a person."""
    from cdp_orchestration.figures.acceptance import waiting_figures
    from cdp_orchestration.figures.families import FAMILIES
    from cdp_orchestration.home.warehouse import read_warehouse, refuse_lost
    from cdp_orchestration.release.reader import require_live_release

    settings = Settings.from_environment()
    refuse_lost(settings.warehouse)
    if not settings.warehouse.exists():
        require_live_release(settings.releases)
    with read_warehouse(settings.warehouse) as connection:
        waiting = waiting_figures(connection)
    if as_json:
        show_json([_as_json(each) for each in waiting])
        return
    if not waiting:
        show("Nothing waits to be accepted.")
        return
    rows = (
        (
            each.run_id[:8],
            each.subject,
            f"{each.delivered_at:%Y-%m-%d %H:%M}" if each.delivered_at else "",
            each.of,
            FAMILIES[each.figure].means,
            each.found,
            each.expected,
        )
        for each in waiting
    )
    show(table("Waiting figures", ("run", "of", "landed", "value", "figure", "found", "usual"), rows))


@gates_app.command(epilog='Example: cdp gates accept 3f2a9c1e --why "the new shop system writes other ids"')
def accept(
    run: Annotated[str, typer.Argument(help="The run, or the first characters of its id, as `cdp gates list` shows.")],
    why: Annotated[str, typer.Option(help="Why it is right; it is kept.")],
    by: Annotated[str | None, typer.Option(help="Who accepts it; by default the user of this system.")] = None,
) -> None:
    """Accept what a run measured: it is usual from now on, and the next sync lets it through."""
    from cdp_orchestration.figures.acceptance import accept_run
    from cdp_orchestration.home.warehouse import open_warehouse
    from cdp_orchestration.home.writer_lock import writer_lock

    settings = Settings.from_environment()
    reason = " ".join(why.split())
    if not reason:
        raise typer.BadParameter("expected a reason in words", param_hint="--why")
    with (
        writer_lock(settings.writer_lock, "cdp gates accept", settings.short_wait_seconds, show_wait),
        open_warehouse(settings.warehouse) as connection,
    ):
        subjects = accept_run(connection, run, settings, by=by or getpass.getuser(), why=reason)
    show(f"Accepted: {', '.join(subjects)}. `cdp sync` takes it on.")


def _as_json(waiting: "WaitingFigure") -> dict[str, object]:
    landed = waiting.delivered_at.replace(tzinfo=UTC) if waiting.delivered_at else None
    words = {"found": waiting.found, "expected": waiting.expected}
    return {**vars(waiting), **words, "measured_at": waiting.measured_at.replace(tzinfo=UTC), "delivered_at": landed}
