"""The commands by which a person sees what is known of them."""

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.terminal.tables import show, show_json

Who = Annotated[str, typer.Argument(help="A profile id, e-mail, phone, or record key such as crm:contact:<Id>.")]


def add_access_commands(app: typer.Typer) -> None:
    """Add the commands of this module to a group."""
    app.command(
        epilog="Example: cdp privacy export ada@example.com --request-id T-1\n\nJSON: folder, profile_id, "
        "record_count, table_count, row_count, release_id."
    )(export)


def export(
    who: Who,
    to: Annotated[
        Path | None, typer.Option(help="A new or empty folder; by default privacy/exports/<request id> of the home.")
    ] = None,
    request_id: Annotated[
        str | None, typer.Option("--request-id", help="The id of the request; without it, a new one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Write all that the live release says about a person: person.json for programs, person.html to read.

    Values with source and date, touchpoints, orders, consents, what was concluded, and why the records are one person.
    """
    from cdp_orchestration.privacy.person_file import default_folder, write_person_file

    settings = Settings.from_environment()
    folder = to or default_folder(settings, request_id or f"{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(4)}")
    written = write_person_file(settings, who, folder, request_id)
    if as_json:
        show_json({**vars(written), "folder": str(written.folder)})
        return
    show(
        f"Wrote {written.folder}: {written.row_count:,} rows of {written.table_count} tables about profile "
        f"{written.profile_id} ({written.record_count} records), as of release {written.release_id}"
    )
    show("It holds personal data: hand it over by a way that only the person can open, then remove it.")
