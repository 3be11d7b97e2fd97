"""``cdp identity``: decide about pairs of records, and about models."""

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.terminal.tables import show, show_wait

_PAIR = "crm:contact:0035e0000000604AAA ecommerce:customer:70000412"

identity_app = typer.Typer(no_args_is_help=True, help="Decide who is who: single pairs of records, and models.")

Record = Annotated[
    str,
    typer.Argument(
        help="A record key (source_system:source_record_type:source_record_id), or an e-mail, phone or profile id that "
        "names one profile."
    ),
]
Why = Annotated[str, typer.Option(help="The reason, for those who read the decision later.")]
By = Annotated[str | None, typer.Option(help="Who decided; by default the user of this system.")]


@identity_app.command(epilog=f"Example: cdp identity link {_PAIR} --why 'confirmed by phone'")
def link(left: Record, right: Record, why: Why, by: By = None) -> None:
    """Decide that two records are one person, whatever the evidence says; applied from the next sync on."""
    _decide("must_link", left, right, why, by)


@identity_app.command(epilog=f"Example: cdp identity unlink {_PAIR} --why 'father and son'")
def unlink(left: Record, right: Record, why: Why, by: By = None) -> None:
    """Decide that two records are never one person, whatever the evidence says; applied from the next sync on."""
    _decide("cannot_link", left, right, why, by)


@identity_app.command(epilog=f"Example: cdp identity withdraw {_PAIR}")
def withdraw(
    left: Record,
    right: Record,
    why: Annotated[str, typer.Option(help="The reason, for those who read the event later.")] = "",
    by: By = None,
) -> None:
    """Take back the decision about two records: the evidence decides again."""
    from cdp_orchestration.identity_stage.decisions import withdraw_override
    from cdp_orchestration.identity_stage.record_terms import override_between

    settings = Settings.from_environment()
    left, right = override_between(settings, left, right)
    withdrawn = withdraw_override(settings, left, right, by or getpass.getuser(), " ".join(why.split()))
    show(f"Withdrew the {withdrawn.decision} of {left} and {right}; `cdp sync` decides by the evidence again.")


@identity_app.command(epilog="Example: cdp identity review --limit 20, then: cdp identity review --import answered.csv")
def review(
    limit: Annotated[int, typer.Option(help="The number of pairs at most.", min=1)] = 50,
    output: Annotated[Path | None, typer.Option(help="The file to write.")] = None,
    with_values: Annotated[
        bool, typer.Option("--with-values", help="Add the values of both records to each pair.")
    ] = False,
    answers: Annotated[
        Path | None, typer.Option("--import", help="Read the answers of this file instead of writing one.")
    ] = None,
    by: Annotated[str | None, typer.Option(help="Who answered; by default the user of this system.")] = None,
) -> None:
    """Write the pairs nearest to the threshold as a CSV to answer (same, different, unsure), or read the answers."""
    from cdp_orchestration.identity_stage.review import import_answers, write_review

    settings = Settings.from_environment()
    if answers:
        labels, overrides = import_answers(settings, answers, by)
        folder = settings.identity_overrides.parent
        show(f"{labels} new labels, {overrides} new overrides in {folder}; `cdp sync` applies them.")
    else:
        path = output or settings.identity_review
        pairs = write_review(settings, path, limit, with_values=with_values)
        show(f"{pairs} pairs in {path}; fill in the column `answer`, then: cdp identity review --import {path}")


@identity_app.command(epilog="Example: cdp identity compare")
def compare() -> None:
    """Train a candidate model on the current records, and show what it would merge, split and move."""
    from cdp_orchestration.home.warehouse import open_warehouse
    from cdp_orchestration.home.writer_lock import writer_lock
    from cdp_orchestration.identity_stage.resolving import compare_candidate
    from cdp_orchestration.terminal import summaries

    settings = Settings.from_environment()
    with (
        writer_lock(settings.writer_lock, "cdp identity compare", settings.short_wait_seconds, show_wait),
        open_warehouse(settings.warehouse) as connection,
    ):
        found = compare_candidate(connection, settings)
    show(summaries.model_comparison(found))


@identity_app.command(epilog="Example: cdp identity approve")
def approve() -> None:
    """Approve the candidate model that waits: the next sync resolves everything with it."""
    from cdp_orchestration.identity_stage.models import approve_candidate

    approved = approve_candidate(Settings.from_environment())
    show(
        f"Approved model {approved.model_version}: the next `cdp sync` resolves everything with it; "
        f"{approved.moved_record_count:,} of {approved.record_count:,} records change their profile."
    )


def _decide(decision: str, left: str, right: str, why: str, by: str | None) -> None:
    from cdp_orchestration.identity_stage.decisions import Override, add_override
    from cdp_orchestration.identity_stage.record_terms import records_to_decide

    settings = Settings.from_environment()
    left, right = records_to_decide(settings, left, right)
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    override = Override(decision, left, right, by or getpass.getuser(), now, " ".join(why.split()))
    add_override(settings, override)
    written = f"{decision} {override.override_id} of {left} and {right}"
    show(f"Wrote {written} into {settings.identity_overrides}; `cdp sync` applies it.")
