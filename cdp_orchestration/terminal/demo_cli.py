"""The command that invents four silos of customer data and syncs their deliveries."""

import time
from typing import Annotated, Literal

import typer

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.terminal.signals import ends_in_order
from cdp_orchestration.terminal.tables import show


def demo(
    customers: Annotated[int, typer.Option(help="How many people to invent.", min=1)] = 5000,
    seed: Annotated[int, typer.Option(help="The same seed invents the same people.")] = 7,
    drops: Annotated[int | None, typer.Option(help="Only the first N deliveries.", min=1)] = None,
    via: Annotated[
        Literal["files", "postgres", "rest"],
        typer.Option(help="Where the silos are: files in the inbox, tables of a PostgreSQL, or a REST API."),
    ] = "files",
) -> None:
    """Invent four silos of customer data, and sync their deliveries one after another.

    The three ways give the same release.
    """
    from cdp_orchestration.demo import DROP_COUNT, write_demo
    from cdp_orchestration.demo.silos import open_silos
    from cdp_orchestration.terminal.syncing import sync_home

    settings = Settings.from_environment()
    count = min(drops or DROP_COUNT, DROP_COUNT)
    with ends_in_order() as end_if_asked, open_silos(via, settings) as silos:
        _fetch_from_the_beginning(settings)
        for sentence in silos.opening:
            show(sentence)
        for number in range(1, count + 1):
            started = time.monotonic()
            written = write_demo(
                silos.folder, settings.home / "demo_truth.csv", customers=customers, seed=seed, drops=(number - 1,)
            )
            silos.take(number - 1)
            show(
                f"Delivery {number} of {count}: {written.customers:,} invented customers, "
                f"{sum(written.rows.values()):,} rows {silos.place} ({time.monotonic() - started:.0f} s)"
            )
            sync_home(settings, full=False, is_shown=number == count)
            end_if_asked()
    for sentence in silos.closing:
        show(sentence)


def _fetch_from_the_beginning(settings: Settings) -> None:
    """Forget how far an earlier demo was fetched: its tables were made anew."""
    from cdp_orchestration.demo.inbox import demo_streams
    from cdp_orchestration.landing.fetching import fetch_again
    from cdp_orchestration.sources import declared_streams

    for stream in declared_streams(settings):
        if f"{stream.source}/{stream.name}" in demo_streams() and stream.mapping and stream.mapping.from_:
            fetch_again(stream, settings, None)
