"""The ``cdp`` command: what a user asks of a home, from ``demo`` to ``dev``. An error is one line."""

import json
import os
import sys
import time
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cdp_orchestration.errors import CdpError, ProfileNotFoundError
from cdp_orchestration.home.settings import PROJECT_ROOT, Settings
from cdp_orchestration.terminal.identity_cli import identity_app

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="One profile a customer, from CRM, web shop, stores and support. Data lives in $CDP_HOME (default .cdp/).",
)

app.add_typer(identity_app, name="identity")


def main() -> None:
    """Run the command; an error that the user can mend is one line on standard error."""
    warnings.filterwarnings("ignore", message=r"sqlglot\[rs\]")  # said at import by a dependency, nothing to mend here
    try:
        app()
    except CdpError as error:
        Console(stderr=True, soft_wrap=True).print(f"[red]error:[/red] {error}", highlight=False)
        sys.exit(1)


@app.command()
def demo(
    customers: Annotated[int, typer.Option(help="How many people to invent.", min=1)] = 5000,
    seed: Annotated[int, typer.Option(help="The same seed invents the same people.")] = 7,
    drops: Annotated[int | None, typer.Option(help="Write only the first N deliveries.", min=1)] = None,
) -> None:
    """Invent four silos of customer data, put them into the inbox, and sync."""
    from cdp_orchestration.demo import DROP_COUNT, write_demo

    settings = Settings.from_environment()
    started = time.monotonic()
    written = write_demo(
        settings.inbox,
        settings.home / "demo_truth.csv",
        customers=customers,
        seed=seed,
        drops=tuple(range(min(drops or DROP_COUNT, DROP_COUNT))),
    )
    Console().print(
        f"Invented {written.customers:,} customers: {written.person_records:,} person records, "
        f"{written.interactions:,} interactions in {settings.inbox} ({time.monotonic() - started:.0f} s)"
    )
    _sync(settings, full=False)


@app.command()
def sync(
    full: Annotated[bool, typer.Option("--full", help="Build everything again, even if nothing is new.")] = False,
) -> None:
    """Land what is new in the inbox, resolve, build, check, and publish a release."""
    _sync(Settings.from_environment(), full=full)


@app.command()
def status() -> None:
    """Say what is live, and how the last syncs went."""
    from cdp_orchestration.terminal import tables
    from cdp_orchestration.terminal.status import status_report

    tables.show(status_report(Settings.from_environment()))


@app.command()
def profile(
    term: Annotated[str, typer.Argument(help="A profile id, e-mail, phone, or source key such as crm:contact:<Id>.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    touchpoints: Annotated[int, typer.Option(help="How many of the newest touchpoints to show.", min=1)] = 40,
) -> None:
    """Show one customer: the profile, its records and its journey, from the live release."""
    from cdp_orchestration.release.lookup import find_profile_ids, read_customer
    from cdp_orchestration.release.reader import require_live_release
    from cdp_orchestration.terminal import summaries, tables

    with require_live_release(Settings.from_environment().releases).connect() as release:
        found = find_profile_ids(release, term)
        if len(found) > 1:
            raise ProfileNotFoundError(
                f"{len(found)} profiles share that value ({', '.join(found[:10])}); ask for one of them by its id"
            )
        view = read_customer(release, found[0])
    if as_json:
        typer.echo(json.dumps(asdict(view), default=str, ensure_ascii=False, indent=2))
    else:
        tables.show(summaries.customer(view, touchpoints))


@app.command()
def explain(
    left: Annotated[str, typer.Argument(help="A record key such as crm:contact:<Id>, an e-mail, phone or profile id.")],
    right: Annotated[str, typer.Argument(help="The other one, named in the same ways.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    chart: Annotated[Path | None, typer.Option(help="Draw the weights of the pair into this PNG or SVG file.")] = None,
) -> None:
    """Say why two records are one customer, or why not, from the live release."""
    from cdp_orchestration.identity_stage.explanation import draw_pair, explain_terms
    from cdp_orchestration.terminal import tables
    from cdp_orchestration.terminal.explanation_report import explanation

    explained = explain_terms(Settings.from_environment(), left, right)
    if chart:
        draw_pair(explained, chart)
    if as_json:
        typer.echo(json.dumps(explained.as_json(), default=str, ensure_ascii=False, indent=2))
    else:
        tables.show(explanation(explained))


@app.command()
def releases() -> None:
    """List the published releases, the live one first."""
    from cdp_orchestration.release.reader import all_releases, require_live_release
    from cdp_orchestration.terminal import summaries, tables

    settings = Settings.from_environment()
    require_live_release(settings.releases)
    tables.show(summaries.releases_table(all_releases(settings.releases)))


@app.command(name="report")
def customer_report(
    output: Annotated[Path | None, typer.Option(help="The file; by default reports/customer_360.html.")] = None,
) -> None:
    """Write the customer report: one HTML page about the live release, for people who decide."""
    from cdp_orchestration.customer_report.writing import write_report

    written = write_report(Settings.from_environment(), output)
    told = f"Wrote {written.file}: {written.profile_count:,} profiles of release {written.release_id}"
    Console(soft_wrap=True).print(told, highlight=False)


@app.command()
def docs() -> None:
    """Write what every table and column means, and which is made of which, into reports/dbt_docs.html."""
    from cdp_orchestration.dbt.runs import write_docs
    from cdp_orchestration.home.writer_lock import writer_lock
    from cdp_orchestration.release.reader import require_live_release

    settings = Settings.from_environment()
    require_live_release(settings.releases)
    with writer_lock(settings.writer_lock, "cdp docs"):
        write_docs(settings.home, settings.table_documentation, settings.dbt_target / "docs")
    Console(soft_wrap=True).print(f"Wrote {settings.table_documentation}", highlight=False)


@app.command()
def dev(
    port: Annotated[int, typer.Option(help="The port of the UI.")] = 3000,
    host: Annotated[str, typer.Option(help="The address that the UI listens on.")] = "127.0.0.1",
) -> None:
    """Open Dagster's UI with its daemon on this home, until interrupted."""
    from cdp_orchestration.dagster.instance import prepare_instance

    prepare_instance(Settings.from_environment())
    dagster = Path(sys.executable).parent / "dagster"
    # Dagster reads the code location from the project's own pyproject.toml.
    os.chdir(PROJECT_ROOT)
    os.execv(dagster, [str(dagster), "dev", "--host", host, "--port", str(port)])  # noqa: S606 - no shell is wanted


def _sync(settings: Settings, *, full: bool) -> None:
    from cdp_orchestration.dagster.sync_run import run_sync
    from cdp_orchestration.release.reader import require_live_release
    from cdp_orchestration.terminal import summaries, tables
    from cdp_orchestration.terminal.sync import shown_progress

    started = time.monotonic()
    with shown_progress() as on_progress:
        outcome = run_sync(settings, full=full, on_progress=on_progress)
    release = require_live_release(settings.releases)
    tables.show(summaries.sync_summary(outcome, release, time.monotonic() - started))
