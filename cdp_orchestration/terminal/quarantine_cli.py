"""The commands about the quarantine: what was refused and why, and landing it again."""

from datetime import UTC
from pathlib import Path
from typing import Annotated

import typer

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.terminal.arguments import AsJson, StreamName
from cdp_orchestration.terminal.tables import show, show_json, show_wait, table

quarantine_app = typer.Typer(no_args_is_help=True, help="The quarantine: what was refused and why.")

FileName = Annotated[str | None, typer.Argument(help="One file of it, by its path below the stream's folder.")]


@quarantine_app.command(
    "list",
    epilog="Example: cdp quarantine list crm/contacts\n\nJSON: a list of stream, source_file, reason, refusal_count, "
    "is_file (refused as a whole), is_row_landed (without the value), refused_at, message.",
)
def list_refusals(
    name: Annotated[str | None, typer.Argument(help="Only this stream: <source>/<stream>.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what the latest version of each file was refused for, the newest first."""
    from cdp_orchestration.landing.quarantined import refusal_counts
    from cdp_orchestration.sources import declared_stream

    settings = Settings.from_environment()
    counts = refusal_counts(settings, declared_stream(name, settings) if name else None)
    if as_json:
        show_json(
            [
                {**vars(count), "refused_at": count.refused_at.replace(tzinfo=UTC), "message": count.message}
                for count in counts
            ]
        )
        return
    if not counts:
        show("Nothing is in the quarantine.")
        return
    kinds = {(True, False): "file", (False, False): "rows", (False, True): "values"}
    rows = (
        (
            count.stream,
            count.source_file,
            f"{count.refusal_count:,} {kinds[count.is_file, count.is_row_landed]}",
            count.reason,
            count.message,
            f"{count.refused_at:%Y-%m-%d %H:%M} UTC",
        )
        for count in counts
    )
    show(table("Quarantine", ("stream", "file", "refused", "reason", "what it means", "when"), rows))


@quarantine_app.command(
    "show",
    epilog="Example: cdp quarantine show crm/contacts export.csv --values --output rows.csv\n\nJSON: a list of "
    "source_file, source_line, field, reason, is_row_landed, message, and with --values raw_row.",
)
def show_refusals(
    name: StreamName,
    source_file: FileName = None,
    with_values: Annotated[
        bool, typer.Option("--values", help="With the refused rows, which are personal data.")
    ] = False,
    limit: Annotated[int, typer.Option(help="The number of refusals at most.", min=1)] = 20,
    output: Annotated[Path | None, typer.Option(help="Write a CSV file instead.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show each refusal with line, field and reason."""
    from cdp_orchestration.home.spreadsheet_csv import csv_lines
    from cdp_orchestration.landing.quarantined import refusals
    from cdp_orchestration.sources import declared_stream

    settings = Settings.from_environment()
    found = refusals(settings, declared_stream(name, settings), source_file, limit)
    columns = ["source_file", "source_line", "field", "reason", "is_row_landed", "message"]
    columns += ["raw_row"] if with_values else []
    rows = [{column: row[column] for column in columns} for row in found]
    if output:
        output.write_text("".join(csv_lines(columns, rows)), encoding="utf-8")
        show(f"Wrote {len(rows):,} refusals into {output}.")
    elif as_json:
        show_json(rows)
    else:
        show(table(f"Quarantine of {name}", columns, ([_shown(row[column]) for column in columns] for row in rows)))


@quarantine_app.command(epilog="Example: cdp quarantine retry crm/contacts")
def retry(name: StreamName, source_file: FileName = None) -> None:
    """Land the refused files of a stream again, as after a mended rule; a changed declaration does so by itself."""
    from cdp_orchestration.home.writer_lock import writer_lock
    from cdp_orchestration.landing.quarantined import retry_refused
    from cdp_orchestration.sources import declared_stream

    settings = Settings.from_environment()
    with writer_lock(settings.writer_lock, "cdp quarantine retry", settings.short_wait_seconds, show_wait):
        landed = retry_refused(declared_stream(name, settings), settings, source_file)
    show(
        f"{landed.files_landed:,} files landed with {landed.rows_landed:,} rows; {landed.files_refused:,} files, "
        f"{landed.rows_refused:,} rows and {landed.values_refused:,} values were refused again. "
        "`cdp sync` takes it on."
    )


def _shown(value: object) -> object:
    return "" if value is None else value
