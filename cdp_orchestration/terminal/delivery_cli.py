"""The commands about what a stream has delivered: taking a file back, confirming a snapshot, fetching again."""

import getpass
from typing import Annotated

import typer

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.terminal.arguments import StreamName
from cdp_orchestration.terminal.tables import show, show_wait


def withdraw(
    name: StreamName,
    source_file: Annotated[str, typer.Argument(help="The file, by its path below the stream's folder.")],
    undo: Annotated[bool, typer.Option("--undo", help="Let a delivery that was taken back count again.")] = False,
    why: Annotated[str, typer.Option(help="The reason, for those who read it later.")] = "",
    by: Annotated[str | None, typer.Option(help="Who decides; by default the user of this system.")] = None,
) -> None:
    """Take back a delivered file: with the next sync everything is as if it had never come."""
    from cdp_orchestration.home.writer_lock import writer_lock
    from cdp_orchestration.landing.storage.withdrawn_deliveries import take_up_delivery, withdraw_delivery
    from cdp_orchestration.sources import declared_stream

    settings = Settings.from_environment()
    stream = declared_stream(name, settings)
    with writer_lock(settings.writer_lock, "cdp source withdraw", settings.short_wait_seconds, show_wait):
        if undo:
            if not take_up_delivery(stream, source_file, settings):
                show(f"{source_file} was not taken back; nothing has changed.")
                return
            answer = f"{source_file} counts again"
        else:
            reason = " ".join(why.split()) or None
            rows = withdraw_delivery(stream, source_file, settings, by=by or getpass.getuser(), why=reason)
            answer = f"{rows:,} rows of {source_file} count no more"
    show(f"{answer}; `cdp sync` takes it on.")


def confirm(
    name: StreamName,
    yes: Annotated[
        bool, typer.Option("--yes", help="Confirm it; without this, only say what would be deleted.")
    ] = False,
    why: Annotated[str, typer.Option(help="The reason, for those who read it later.")] = "",
    by: Annotated[str | None, typer.Option(help="Who decides; by default the user of this system.")] = None,
) -> None:
    """Let the newest snapshot of a stream count although it has shrunk: what it lacks was deleted."""
    from cdp_orchestration.home.warehouse import open_warehouse
    from cdp_orchestration.home.writer_lock import writer_lock
    from cdp_orchestration.landing.storage.confirmed_snapshots import confirm_snapshot, waiting_snapshot
    from cdp_orchestration.sources import declared_stream

    settings = Settings.from_environment()
    stream = declared_stream(name, settings)
    with (
        writer_lock(settings.writer_lock, "cdp source confirm", settings.short_wait_seconds, show_wait),
        open_warehouse(settings.warehouse) as connection,
    ):
        found = waiting_snapshot(connection, stream)
        if yes:
            reason = " ".join(why.split()) or None
            confirm_snapshot(connection, stream, found, settings, by=by or getpass.getuser(), why=reason)
    counted = f"{found.deleted_count:,} rows of {name} that are not among its {found.row_count:,}"
    when = f"The newest snapshot of {found.began_at:%Y-%m-%d %H:%M} UTC, after one of {found.former_count:,} rows"
    if yes:
        show(f"{when}, is confirmed: {counted} count as deleted; `cdp sync` takes it on.")
    else:
        show(f"{when}, is not believed. With --yes {counted} would count as deleted.")


def backfill(
    name: StreamName,
    since: Annotated[
        str | None, typer.Option(help="From where on rows are fetched again, such as 2026-01-01; without it, all.")
    ] = None,
) -> None:
    """Let the next sync fetch a stream again, from a date or from its beginning."""
    from cdp_orchestration.landing.fetching import fetch_again
    from cdp_orchestration.sources import declared_stream

    settings = Settings.from_environment()
    fetch_again(declared_stream(name, settings), settings, since, show_wait)
    show(f"The next `cdp sync` fetches {name} {'from ' + since if since else 'from its beginning'}.")
