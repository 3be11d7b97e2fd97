"""The commands by which a person sees what is known of them, and has a say in what is done with it."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cdp_orchestration.errors import DecisionError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.terminal.arguments import AsJson, PersonTerm
from cdp_orchestration.terminal.tables import show, show_json, show_wait

Why = Annotated[str, typer.Option(help="The reason, for the audit log; it must not name the person.")]
By = Annotated[str | None, typer.Option(help="Who entered it; by default the user of this system.")]


def add_access_commands(app: typer.Typer) -> None:
    """Add the commands of this module to a group."""
    app.command(
        epilog="Example: cdp privacy export ada@example.com --request-id T-1\n\nJSON: folder, profile_id, "
        "record_count, table_count, row_count, delivered_row_count, release_id."
    )(export)
    app.command(epilog="Example: cdp privacy restrict ada@example.com --why 'request T-2'")(restrict)
    app.command(
        epilog="Example: cdp privacy rectify ada@example.com --set email=ada@example.org --why 'letter of May'"
    )(rectify)
    app.command(epilog="Example: cdp privacy lift ada@example.com --why 'request T-3'")(lift)


def restrict(who: PersonTerm, why: Why, by: By = None) -> None:
    """Keep a person and use nothing of them: no audience, moment, persona, score, forecast or contact from now on.

    Applied by the next sync, until `cdp privacy lift`; it holds for all records of the profile, also where they are
    parted later. Older releases stay as they are, and destinations follow the live one.
    """
    from cdp_orchestration.privacy import restricting
    from cdp_orchestration.privacy.requests import log_answered

    with _writing("cdp privacy restrict") as settings:
        entered_by = by or getpass.getuser()
        person = restricting.restrict(settings, who, by=entered_by, why=" ".join(why.split()))
        log_answered(settings, "restrict", person.profile_id, entered_by, rows=len(person.person_record_ids))
    show(
        f"Restricted profile {person.profile_id} ({len(person.person_record_ids)} records); `cdp sync` takes it out of "
        "audiences, moments, forecasts, recommendations and contacts."
    )


def lift(
    who: PersonTerm, why: Annotated[str, typer.Option(help="The reason, for the audit log.")] = "", by: By = None
) -> None:
    """End all restrictions of a person; applied by the next sync."""
    from cdp_orchestration.privacy import restricting
    from cdp_orchestration.privacy.requests import log_answered

    with _writing("cdp privacy lift") as settings:
        entered_by = by or getpass.getuser()
        person = restricting.lift(settings, who, by=entered_by, why=" ".join(why.split()))
        log_answered(settings, "lift restriction", person.profile_id, entered_by)
    show(f"Lifted the restriction of profile {person.profile_id}; `cdp sync` uses it again.")


def rectify(
    who: PersonTerm,
    values: Annotated[
        list[str] | None, typer.Option("--set", help="A value, such as email=ada@example.com; may be repeated.")
    ] = None,
    unset: Annotated[
        list[str] | None, typer.Option("--unset", help="A value that the sources decide about again, such as email.")
    ] = None,
    why: Annotated[str, typer.Option(help="The reason; it is published with the value.")] = "",
    by: By = None,
) -> None:
    """Set what a profile shows of a person in place of what the sources say, or take that back.

    The next sync applies it. Records and who is who stay as they are. Each part of a
    name or an address is a value of its own.

    Raises:
        DecisionError: neither is given, or a value has no equals sign.
    """
    from cdp_orchestration.privacy.rectifying import rectify as set_value
    from cdp_orchestration.privacy.rectifying import standard_value, withdraw_rectification
    from cdp_orchestration.privacy.requests import log_answered

    if not values and not unset:
        raise DecisionError("nothing is to be rectified; expected --set NAME=VALUE or --unset NAME")
    pairs = [each.partition("=")[::2] for each in values or ()]
    for name, value in pairs:
        standard_value(name.strip(), value)  # before anything is stored
    entered = {"by": by or getpass.getuser(), "why": " ".join(why.split())}
    with _writing("cdp privacy rectify") as settings:
        for name, value in pairs:
            person = set_value(settings, who, name.strip(), value, **entered)
            log_answered(settings, "rectify", person.profile_id, entered["by"], rows=1)
            show(f"Set {name.strip()} of profile {person.profile_id}")
        for name in unset or ():
            person = withdraw_rectification(settings, who, name.strip(), **entered)
            log_answered(settings, "rectify", person.profile_id, entered["by"], rows=1)
            show(f"The sources decide about {name.strip()} of profile {person.profile_id} again")
    show("`cdp sync` applies it.")


@contextmanager
def _writing(command: str) -> Iterator[Settings]:
    from cdp_orchestration.home.writer_lock import writer_lock

    settings = Settings.from_environment()
    with writer_lock(settings.writer_lock, command, settings.short_wait_seconds, show_wait):
        yield settings


def export(
    who: PersonTerm,
    to: Annotated[
        Path | None, typer.Option(help="A new or empty folder; by default privacy/exports/<request id> of the home.")
    ] = None,
    request_id: Annotated[
        str | None, typer.Option("--request-id", help="The id of the request; without it, a new one.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write what is known of a person: person.json for programs, person.html to read.

    All that the live release says (values with source and date, touchpoints, orders, consents, what was concluded, why
    the records are one person), and each row that a source delivered about them.
    """
    from cdp_orchestration.privacy.person_file import default_folder, write_person_file
    from cdp_orchestration.privacy.requests import log_answered, new_request_id, today

    request = request_id or new_request_id(today())
    with _writing("cdp privacy export") as settings:
        written = write_person_file(settings, who, to or default_folder(settings, request), request)
        log_answered(settings, "access", written.profile_id, getpass.getuser(), request, written.row_count)
    if as_json:
        show_json({**vars(written), "folder": str(written.folder)})
        return
    show(
        f"Wrote {written.folder}: {written.row_count:,} rows of {written.table_count} tables and "
        f"{written.delivered_row_count:,} delivered rows about profile {written.profile_id} ({written.record_count} "
        f"records), as of release {written.release_id}"
    )
    show("It holds personal data: hand it over by a way that only the person can open, then remove it.")
