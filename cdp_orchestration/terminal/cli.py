"""The ``cdp`` command: what a user asks of a home, from ``demo`` to ``dev``. An error is one line."""

import gc
import importlib.metadata
import sys
import warnings
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from cdp_orchestration.errors import CdpError
from cdp_orchestration.home.damage import damage_in
from cdp_orchestration.home.disk_faults import disk_fault
from cdp_orchestration.home.permissions import keep_new_files_closed
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.terminal import demo_cli, questions
from cdp_orchestration.terminal.doctor_cli import doctor
from cdp_orchestration.terminal.errors import PlainErrors, show_error
from cdp_orchestration.terminal.export_cli import export_app
from cdp_orchestration.terminal.gates_cli import gates_app
from cdp_orchestration.terminal.help_texts import show_no_sections
from cdp_orchestration.terminal.identity_cli import identity_app
from cdp_orchestration.terminal.notify_cli import notify_app
from cdp_orchestration.terminal.privacy_cli import privacy_app
from cdp_orchestration.terminal.quarantine_cli import quarantine_app
from cdp_orchestration.terminal.releases_cli import releases_app
from cdp_orchestration.terminal.repair_cli import repair
from cdp_orchestration.terminal.source_cli import source_app
from cdp_orchestration.terminal.tables import show, show_wait

app = typer.Typer(
    cls=PlainErrors,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="One profile per customer, from CRM, web shop, stores and support. Data lives in $CDP_HOME (default .cdp/).",
    epilog="Example: cdp demo --customers 300",
)


# Python looks for cycles after every 700 new objects, a fourteenth of a sync: Dagster, dbt and what they import make
# millions that stay.
_OBJECTS_BETWEEN_COLLECTIONS = 50_000


def main() -> None:
    """Run the command; an error that the user can correct is one line on standard error."""
    keep_new_files_closed()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *gc.get_threshold()[1:])
    warnings.filterwarnings("ignore", message=r"sqlglot\[rs\]")  # a dependency warns at import
    warnings.filterwarnings(
        "ignore", message=".* is currently in beta"
    )  # of Dagster's versions of data, which are pinned
    show_no_sections(app)
    try:
        app()
    except CdpError as error:
        show_error(error)
        sys.exit(1)
    except duckdb.Error as error:
        damage = damage_in(str(error)) or disk_fault(error, Settings.from_environment().home)
        if damage is None:
            raise
        show_error(CdpError(damage))
        sys.exit(1)
    except Exception as error:
        # A full disk reaches the command by errors of the system, of SQLite and of what Dagster stores with
        fault = disk_fault(error, Settings.from_environment().home)
        if fault is None:
            raise
        show_error(CdpError(fault))
        sys.exit(1)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        show(f"cdp {importlib.metadata.version('customer-data-platform')}")
        raise typer.Exit


@app.callback()
def start(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001 - the callback answers
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Show the help when no command is named."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


app.command(
    epilog="Example: cdp demo --customers 300, or the same as tables: cdp demo --via postgres\n\n"
    "What --via postgres and --via rest start ends with the command, whose declarations then move to "
    "$CDP_HOME/demo_sources/: what was fetched stays in the inbox, and a later sync needs no server. "
    "CDP_DEMO_POSTGRES_URL names an empty database to fill instead; its declarations stay in $CDP_HOME/sources/, so "
    "that each later sync fetches what is new there."
)(demo_cli.demo)


@app.command(epilog="Example: cdp sync, or after a change of the rules: cdp sync --full")
def sync(
    full: Annotated[bool, typer.Option("--full", help="Build everything again, even if nothing is new.")] = False,
    source: Annotated[
        list[str] | None, typer.Option(help="Read the files of this source alone; repeat it to name several.")
    ] = None,
) -> None:
    """Land what is new in the inbox, resolve, build, check, and publish a release."""
    from cdp_orchestration.terminal.syncing import sync_home

    sync_home(Settings.from_environment(), full=full, sources=source or ())


app.command(
    epilog="Example: cdp status --json\n\nJSON: home, health, exit_code, live_release (release_id, created_at, "
    "age_seconds, gates_passed, folder, tables with rows; or null), findings (kind, severity, subject, what, remedy, "
    "since, counts, run_id, details), sources (stream, state, last_delivery, ...; null while another process writes), "
    "objections, unfinished, notices, syncs (run_id, status, started_at, ended_at; the newest first), automation, "
    "candidate_model."
)(questions.status)
app.command(epilog="Example: cdp doctor\n\nJSON: a list of check, verdict (ok, warn, fail), found, remedy (or null).")(
    doctor
)
app.command(epilog="Example: cdp repair")(repair)
app.command(
    epilog="Example: cdp profile ada@example.com\n\nJSON: profile and metrics (one row each), records, identifiers, "
    "journeys, touchpoints (lists of rows), with the columns of the published tables."
)(questions.profile)
app.command(
    epilog="Example: cdp explain crm:contact:0035e0000000604AAA ada@example.com\n\nJSON: left, right (profile_id, "
    "person_record_ids), is_one_profile, verdict, reasons, links, closest, conflict, missed_rules, decisions."
)(questions.explain)
app.add_typer(identity_app, name="identity")
app.add_typer(source_app, name="source")
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(gates_app, name="gates")
app.add_typer(notify_app, name="notify")
app.add_typer(releases_app, name="releases")
app.add_typer(export_app, name="export")
app.add_typer(privacy_app, name="privacy")


@app.command(name="report", epilog="Example: cdp report --output customers.html")
def customer_report(
    output: Annotated[
        Path | None,
        typer.Option(help="The file; by default reports/customer_360.html. The list of contacts stands beside it."),
    ] = None,
) -> None:
    """Write the customer report: one HTML page about the live release, and beside it who may be contacted now.

    CDP_COMPANY_NAME stands in its heading.
    """
    from cdp_orchestration.customer_report.writing import write_report

    written = write_report(Settings.from_environment(), output)
    show(f"Wrote {written.file}: {written.profile_count:,} profiles of release {written.release_id}")
    show(f"Wrote {written.contacts_file}: {written.contact_count:,} contacts that are permitted now")


@app.command(epilog="Example: cdp docs")
def docs() -> None:
    """Write what every table and column means, and which is made of which, into reports/dbt_docs.html."""
    from cdp_orchestration.dbt.runs import write_docs
    from cdp_orchestration.home.writer_lock import writer_lock
    from cdp_orchestration.release.reader import require_live_release

    settings = Settings.from_environment()
    require_live_release(settings.releases)
    with writer_lock(settings.writer_lock, "cdp docs", settings.short_wait_seconds, show_wait):
        write_docs(settings.home, settings.table_documentation, settings.dbt_target / "docs")
    show(f"Wrote {settings.table_documentation}")


@app.command(epilog="Example: cdp dev --port 3001")
def dev(
    port: Annotated[int, typer.Option(help="The port of the UI.")] = 3000,
    host: Annotated[str, typer.Option(help="The address that the UI listens on.")] = "127.0.0.1",
    without_login: Annotated[
        bool,
        typer.Option("--without-login", help="Agree that others reach the UI, which asks for no password."),
    ] = False,
) -> None:
    """Open Dagster's UI with its daemon on this home, until interrupted."""
    from cdp_orchestration.terminal.dev import require_consent, run_dagster

    require_consent(host, without_login)
    raise typer.Exit(run_dagster(Settings.from_environment(), host, port))
