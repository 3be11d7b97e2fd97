"""The commands about what people ask for: to be forgotten, and to come back."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.terminal.arguments import AsJson, PersonTerm
from cdp_orchestration.terminal.privacy_access_cli import add_access_commands
from cdp_orchestration.terminal.tables import show, show_json, show_wait

privacy_app = typer.Typer(no_args_is_help=True, help="What people may ask for about their data.")
add_access_commands(privacy_app)

RequestId = Annotated[str | None, typer.Option("--request-id", help="The id of the request; without it, a new one.")]
Also = Annotated[
    list[str] | None, typer.Option("--also", help="The key of a further record that is to go; may be repeated.")
]
Why = Annotated[str, typer.Option(help="The reason, for the log; it must not name the person.")]
By = Annotated[str | None, typer.Option(help="Who enters it; by default the user of this system.")]


@privacy_app.command(
    "erase", epilog="Example: cdp privacy erase crm:contact:0035e0000000005AAA --request-id T-1 --dry-run"
)
def erase(
    who: PersonTerm,
    request_id: RequestId = None,
    also: Also = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    why: Why = "",
    by: By = None,
) -> None:
    """Erase a person from everything: what landed, profiles, releases, models, reports, logs, destinations.

    First it shows what belongs to them, and which records of others have the same contact; those stay unless --also
    names them. Facts such as orders stay without the person. What named the person is kept as keyed hashes, so that the
    next export does not bring them back.

    Raises:
        Exit: the question was answered with no, with code 1.
    """
    from cdp_orchestration.home.writer_lock import writer_lock
    from cdp_orchestration.privacy.erasing import begin_erasure
    from cdp_orchestration.privacy.finding import closure_of
    from cdp_orchestration.privacy.requests import new_request_id, require_new, today
    from cdp_orchestration.terminal.privacy_report import closure_lines

    settings = Settings.from_environment()
    request = request_id or new_request_id(today())
    require_new(settings, request)
    if not dry_run and end_erasures(settings):
        require_new(settings, request)  # it may be the one that was pending
    with writer_lock(settings.writer_lock, "cdp privacy erase", settings.short_wait_seconds, show_wait):
        closure = closure_of(settings, who, also or ())
    show(closure_lines(closure))
    if dry_run:
        return
    if not yes and not typer.confirm("Erase all of this? It cannot be undone."):
        raise typer.Exit(1)
    with writer_lock(settings.writer_lock, "cdp privacy erase", settings.short_wait_seconds, show_wait):
        begin_erasure(settings, closure, request, by or getpass.getuser(), " ".join(why.split()), today())
    end_erasures(settings)


@privacy_app.command("requests", epilog="Example: cdp privacy requests requests.csv --yes")
def requests(
    file: Annotated[Path, typer.Argument(help="A CSV file with request_id, request_type (erase), who, and also.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    by: By = None,
) -> None:
    """Take requests from a CSV file, and end all of them with one sync; those that have ended are passed over.

    Raises:
        Exit: the question was answered with no, with code 1.
    """
    from cdp_orchestration.home.writer_lock import writer_lock
    from cdp_orchestration.privacy.erasing import begin_erasure
    from cdp_orchestration.privacy.finding import closure_of
    from cdp_orchestration.privacy.request_files import read_requests
    from cdp_orchestration.privacy.requests import today
    from cdp_orchestration.terminal.privacy_report import closure_lines

    settings = Settings.from_environment()
    end_erasures(settings)  # of one that is pending, half is gone: a closure that is found now would miss the rest
    asked = read_requests(settings, file)
    with writer_lock(settings.writer_lock, "cdp privacy requests", settings.short_wait_seconds, show_wait):
        found = [(each, closure_of(settings, each.who, each.also)) for each in asked]
    for each, closure in found:
        show(f"Request {each.request_id}:", closure_lines(closure))
    if not found:
        show("All requests of the file have ended.")
        return
    if not yes and not typer.confirm("Erase all of this? It cannot be undone."):
        raise typer.Exit(1)
    with writer_lock(settings.writer_lock, "cdp privacy requests", settings.short_wait_seconds, show_wait):
        for each, closure in found:
            begin_erasure(settings, closure, each.request_id, by or getpass.getuser(), "", today())
    end_erasures(settings)


@privacy_app.command("inactive", epilog="Example: cdp privacy inactive, and to erase them: cdp privacy inactive --yes")
def inactive(
    yes: Annotated[bool, typer.Option("--yes", help="Erase them; without it they are only counted.")] = False,
    by: By = None,
) -> None:
    """Show who was inactive for longer than retention.yml keeps, and which texts are older; with --yes remove both.

    `people` says for how many days people are kept, who are erased then; `texts` for how many days tickets and answers
    keep what people wrote: the row stays then, its texts go.
    """
    from cdp_orchestration.home.retention import read_retention
    from cdp_orchestration.home.writer_lock import writer_lock
    from cdp_orchestration.privacy.inactivity import begin_due, due_profiles
    from cdp_orchestration.privacy.old_texts import coarsen_texts, old_texts
    from cdp_orchestration.privacy.requests import today
    from cdp_orchestration.privacy.settings import read_privacy_settings
    from cdp_orchestration.terminal.privacy_report import due_lines, text_lines

    settings = Settings.from_environment()
    kept, who = read_retention(settings.retention), by or getpass.getuser()
    with writer_lock(settings.writer_lock, "cdp privacy inactive", settings.short_wait_seconds, show_wait):
        due, texts = due_profiles(settings, kept.people), old_texts(settings, kept.texts)
    show(due_lines(due), text_lines(texts))
    if not yes:
        return
    with writer_lock(settings.writer_lock, "cdp privacy inactive", settings.short_wait_seconds, show_wait):
        begin_due(settings, due, who)
        coarsened = coarsen_texts(settings, kept.texts, read_privacy_settings(settings), who, today())
    if not end_erasures(settings) and coarsened:
        _build_without_texts(settings)
    if coarsened:
        show(f"{coarsened:,} rows have lost their texts.")


@privacy_app.command("resume", epilog="Example: cdp privacy resume")
def resume() -> None:
    """Go on with erasures that were interrupted; `cdp sync` does the same."""
    settings = Settings.from_environment()
    if not end_erasures(settings):
        show("No erasure is pending.")


@privacy_app.command(
    "log",
    epilog="Example: cdp privacy log\n\nJSON: a list of request_id, request_type, profile_id, system_name, "
    "requested_at, due_at, completed_at, tables_affected, rows_affected, requested_by.",
)
def log(as_json: AsJson = False) -> None:
    """Show the requests, until when each is due, and what was done in each system."""
    from dataclasses import asdict

    from cdp_orchestration.privacy.requests import pending_erasures, read_log
    from cdp_orchestration.terminal.privacy_report import log_table

    settings = Settings.from_environment()
    entries = read_log(settings)
    if as_json:
        show_json([asdict(each) for each in entries])
        return
    show(log_table(entries) if entries else "No one has asked for anything yet.")
    for each in pending_erasures(settings):
        show(f"Request {each.request_id} has not ended; `cdp privacy resume` goes on with it.")


@privacy_app.command("readmit", epilog="Example: cdp privacy readmit T-1")
def readmit_person(
    request_id: Annotated[str, typer.Argument(help="The request by which the person was erased.")],
    why: Why = "",
    by: By = None,
) -> None:
    """Let a person who was erased come back with the next delivery, because they are a customer again."""
    from cdp_orchestration.home.audit import record
    from cdp_orchestration.home.writer_lock import writer_lock
    from cdp_orchestration.landing.erasure.erased_people import readmit

    settings = Settings.from_environment()
    with writer_lock(settings.writer_lock, "cdp privacy readmit", settings.short_wait_seconds, show_wait):
        count = readmit(settings, request_id)
        if count:
            record(settings.audit, "readmit", request_id, by=by or getpass.getuser(), why=" ".join(why.split()))
    show(
        f"{count} hashes of request {request_id} are gone: rows that name the person land again when they come."
        if count
        else f"Request {request_id} keeps no one out."
    )


def _build_without_texts(settings: Settings) -> None:
    from cdp_orchestration.dagster.erasures import build_without_texts
    from cdp_orchestration.terminal.sync_progress import shown_progress

    with shown_progress() as on_progress:
        build_without_texts(settings, on_progress=on_progress, on_wait=show_wait)


def end_erasures(settings: Settings) -> bool:
    """End pending erasures and show what came of them.

    Args:
        settings: the home.

    Returns:
        Whether one was pending.

    Raises:
        Exit: something of the people is left, with code 1.
    """
    from cdp_orchestration.privacy.requests import pending_erasures

    if not pending_erasures(settings):
        return False
    from cdp_orchestration.dagster.erasures import run_erasures
    from cdp_orchestration.terminal.privacy_report import erased_lines
    from cdp_orchestration.terminal.sync_progress import shown_progress

    with shown_progress() as on_progress:
        erased = run_erasures(settings, on_progress=on_progress, on_wait=show_wait)
    if erased is None:
        return False
    show(erased_lines(erased))
    if erased.left:
        raise typer.Exit(1)
    return True
