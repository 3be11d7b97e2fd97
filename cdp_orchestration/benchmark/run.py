"""Benchmark of the pipeline on invented data: its accuracy, and the seconds of each stage (``make bench``)."""

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console, RenderableType

from cdp_orchestration.benchmark.commands import measure_commands
from cdp_orchestration.benchmark.identity import measure_identity
from cdp_orchestration.benchmark.journeys import measure_journeys
from cdp_orchestration.benchmark.predictions import backtest
from cdp_orchestration.dagster.sync_run import run_sync, step_seconds
from cdp_orchestration.demo import write_demo
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.reader import Release, require_live_release
from cdp_orchestration.terminal.tables import table
from identity import evaluate

Result = TypeVar("Result")

_RECORDS = (200_000,)
_RECORD_ID = "concat_ws(':', source_system, source_record_type, source_record_id)"


def main(
    customers: Annotated[int, typer.Option(help="How many people to invent.", min=1)] = 5000,
    seed: Annotated[int, typer.Option(help="The same seed invents the same people.")] = 7,
    records: Annotated[
        list[int] | None, typer.Option(help="How many person records to resolve at size.", min=1)
    ] = None,
) -> None:
    """Invent a company in a fresh home, sync it twice, print accuracy and seconds, and resolve its people at size.

    With 100,000 customers the stages are measured at 3 million interactions; their first sync takes minutes.
    """
    console = Console()
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="cdp-bench-") as folder:
        settings = Settings(Path(folder))
        truth = settings.home / "demo_truth.csv"
        _timed(seconds, "demo data", lambda: write_demo(settings.inbox, truth, customers=customers, seed=seed))
        outcome = _timed(seconds, "first sync", lambda: run_sync(settings, on_progress=lambda _: None))
        _timed(seconds, "sync with nothing new", lambda: run_sync(settings, on_progress=lambda _: None))
        release = require_live_release(settings.releases)
        console.print(_sizes(release), _accuracy(release, truth))
        console.print(_stages(step_seconds(settings, outcome.run_id)))
        console.print(measure_commands(settings))
        console.print(measure_journeys(settings.warehouse, settings.home))
        console.print(_predictions(settings))
        for count in records or _RECORDS:
            console.print(measure_identity(settings.warehouse, count))
    console.print(table("Total", ("what", "seconds"), [(name, f"{value:.1f}") for name, value in seconds.items()]))


def _timed(seconds: dict[str, float], name: str, work: Callable[[], Result]) -> Result:
    started = time.perf_counter()
    result = work()
    seconds[name] = time.perf_counter() - started
    return result


def _sizes(release: Release) -> RenderableType:
    rows = [(name, f"{entry['rows']:,}") for name, entry in release.manifest["tables"].items()]
    return table("Published", ("table", "rows"), rows)


def _accuracy(release: Release, truth: Path) -> RenderableType:
    """Compare the published crosswalk with the truth, over the records that have evidence of who they are."""
    with release.connect() as connection:
        connection.execute(
            f"create view linkable as select {_RECORD_ID} as person_record_id, person_id "
            f"from read_csv('{truth}', all_varchar = true) where is_linkable = 'true'"
        )
        people = connection.execute("select * from linkable").to_arrow_table()
        clusters = connection.execute(
            f"select {_RECORD_ID} as person_record_id, profile_id as cluster_id from profile_records"
        ).to_arrow_table()
    found = evaluate(clusters, people)
    rows = [(each.name.replace("_", " "), _figure(getattr(found, each.name))) for each in fields(found)]
    absent = ("records of the truth that are deleted or refused", f"{len(people) - found.record_count:,}")
    return table("Accuracy on the demo's truth", ("measure", "value"), [*rows, absent])


def _predictions(settings: Settings) -> RenderableType:
    rows = [(name, "" if value is None else _figure(value)) for name, value in backtest(settings)]
    return table("Predictions, compared with the held-out weeks", ("measure", "value"), rows)


def _figure(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"


def _stages(seconds: dict[str, float]) -> RenderableType:
    """Sum the seconds of the run's steps by stage, gates apart."""
    totals: dict[tuple[str, str], float] = defaultdict(float)
    for step, took in seconds.items():
        stage = step.split("_")[0]
        totals[stage, "gate" if step.endswith("_gate") else "build"] += took
    rows = [(stage, kind, f"{value:.1f}") for (stage, kind), value in totals.items()]
    return table("Stages of the first sync", ("stage", "what", "seconds"), rows)


if __name__ == "__main__":
    typer.run(main)
