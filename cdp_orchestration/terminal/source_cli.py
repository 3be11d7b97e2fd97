"""The commands about sources: what is declared, what each stream has delivered."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.terminal import delivery_cli
from cdp_orchestration.terminal.arguments import AsJson
from cdp_orchestration.terminal.source_trial import show_trials
from cdp_orchestration.terminal.tables import show, show_json, turned_where_wide
from cdp_orchestration.terminal.tables import table as table_of

if TYPE_CHECKING:
    from cdp_orchestration.sources.drafting.inference import Inferred

NewStreamName = Annotated[
    str,
    typer.Argument(help="The words for source and stream: <source>/<stream>; of a source alone, by the file's name."),
]
source_app = typer.Typer(no_args_is_help=True, help="The sources: what is declared, what was delivered.")


@source_app.command(
    "list",
    epilog="Example: cdp source list\n\nJSON: a list of stream, declared (home or project), files, rows, state, "
    "last_delivery, expected_within_seconds, paused_since, refused_files, refused_rows, refused_values, "
    "undeclared_columns, not_fetched.",
)
def list_sources(as_json: AsJson = False) -> None:
    """Show each stream: its rows, when it last delivered, when it is expected, its state, then problems."""
    from cdp_orchestration.health import look_at
    from cdp_orchestration.landing import delivery_notices
    from cdp_orchestration.landing.storage.stream_deliveries import stream_deliveries
    from cdp_orchestration.terminal.source_list import HEADINGS, detail_lines, stream_facts, stream_row

    settings = Settings.from_environment()
    deliveries = stream_deliveries(settings)
    streams = look_at(settings).streams
    if as_json:
        show_json([stream_facts(each, deliveries[each.stream.table]) for each in streams])
        return
    rows = [stream_row(each, deliveries[each.stream.table]) for each in streams]
    details = (line for each in streams for line in detail_lines(each, deliveries[each.stream.table]))
    show(table_of("Streams", HEADINGS, rows), *details, *delivery_notices(settings))


@source_app.command(epilog="Example: cdp source add newsletter/subscribers --from members.csv")
def add(
    name: NewStreamName,
    named: Annotated[
        str,
        typer.Option(
            "--from",
            help="A file, a folder or pattern, s3://…, https://…, postgres:env:NAME, mysql:env:NAME, sqlite:PATH.",
        ),
    ],
    table: Annotated[str | None, typer.Option(help="Of a database: the table, such as public.orders.")] = None,
    token: Annotated[str | None, typer.Option(help="Of an API: where its bearer token is, as env:NAME.")] = None,
    options: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            help="Further words below `from`, such as region=eu-west-1, or `files`, such as encoding=windows-1252, "
            "skip_lines=3, columns=id,email, separator=^, quote=none, escape=\\, no_value=NULL or sheet=Customers.",
        ),
    ] = None,
    accept: Annotated[bool, typer.Option("--accept", help="Take the guesses without a question.")] = False,
) -> None:
    """Draft the declaration of a stream from some of its rows, and show what these become."""
    from cdp_orchestration.landing.samples import sample_of_file, sample_of_origin
    from cdp_orchestration.sources.drafting.additions import add_source, preview
    from cdp_orchestration.sources.drafting.inference import infer
    from cdp_orchestration.sources.drafting.origins import files_of, origin_of, stream_word
    from cdp_orchestration.sources.file_forms import FileForms

    settings = Settings.from_environment()
    name = name if "/" in name else f"{name}/{stream_word(named, table)}"
    said, words = files_of(named, dict(each.partition("=")[::2] for each in options or ()))
    origin, forms = origin_of(named, table, token, words), FileForms.model_validate(said)
    rows = sample_of_origin(origin, forms) if origin else sample_of_file(Path(named), forms)
    guessed = infer(rows, name.partition("/")[2])
    found = guessed if accept else _confirmed(guessed)
    path = add_source(settings, name, found, origin, said)
    written = f"Wrote {path}. Read it, then run `cdp source check {name}`."
    show(table_of("What the rows become", *turned_where_wide(*preview(rows, found))), written)


def _confirmed(found: "Inferred") -> "Inferred":
    key = typer.prompt("Which columns together name a row (with commas)", default=", ".join(found.key) or None)
    cursor = typer.prompt("Which column says when a row last changed (empty: none)", default=found.cursor or "")
    is_person = typer.confirm("Does a row name a person?", default=found.is_person)
    is_interaction = bool(found.interaction) and typer.confirm("Is a row what somebody did?", default=True)
    names = [each.strip() for each in key.split(",")]
    return found.corrected(key=names, cursor=cursor.strip(), is_person=is_person, is_interaction=is_interaction)


@source_app.command(epilog="Example: cdp source pause crm")
def pause(source: Annotated[str, typer.Argument(help="The source, such as crm.")]) -> None:
    """Land nothing more of a source, and fetch nothing, until it is resumed; what has landed stays."""
    from cdp_orchestration.landing.pauses import pause_source

    was_going = pause_source(Settings.from_environment(), source)
    show(f"{source} is paused." if was_going else f"{source} was paused before.")


@source_app.command(epilog="Example: cdp source resume crm")
def resume(source: Annotated[str, typer.Argument(help="The source, such as crm.")]) -> None:
    """Let a paused source go on; the next sync lands what has been delivered meanwhile."""
    from cdp_orchestration.landing.pauses import resume_source

    was_paused = resume_source(Settings.from_environment(), source)
    show(f"{source} goes on with the next sync." if was_paused else f"{source} was not paused.")


source_app.command(epilog="Example: cdp source withdraw crm/contacts export.csv --why 'a test file'")(
    delivery_cli.withdraw
)
source_app.command(epilog="Example: cdp source confirm club/members --yes --why 'the club was split'")(
    delivery_cli.confirm
)
source_app.command(epilog="Example: cdp source backfill shop/orders --since 2026-01-01")(delivery_cli.backfill)


@source_app.command(epilog="Example: cdp source check newsletter/subscribers")
def check(
    name: Annotated[
        str | None, typer.Argument(help="What to try with some of its rows: <source>/<stream>, or a source.")
    ] = None,
) -> None:
    """Read every declaration and write the models that follow; of a named stream try source, contract and mapping.

    Nothing lands. A stream with `from` is tried with a sample of its source, any other with its newest file.
    """
    from cdp_orchestration.dbt.project import manifest
    from cdp_orchestration.sources import declared_sources, is_changed

    settings = Settings.from_environment()
    if name is not None:
        show_trials(name, settings)
        return
    sources = declared_sources(settings)
    manifest()
    own = [source.name for source in sources if any(map(is_changed, source.streams))]
    count = sum(len(source.streams) for source in sources)
    listed = ", ".join(own) or f"none; declare them in {settings.own_sources}"
    show(f"{len(sources)} sources with {count} streams can be read. This home's own or changed ones: {listed}.")


@source_app.command(epilog="Example: cdp source schema > sources.schema.json")
def schema() -> None:
    """Print the JSON Schema of a declaration, by which an editor completes and checks one."""
    from cdp_orchestration.sources.json_schema import declaration_schema

    typer.echo(json.dumps(declaration_schema(), indent=2))
