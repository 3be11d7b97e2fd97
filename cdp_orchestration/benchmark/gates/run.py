"""Benchmark of the gates: what they find, and what every suite costs with results and pages (``make bench-gates``)."""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from rich.console import Console

from cdp_orchestration.benchmark.child_process import measured
from cdp_orchestration.benchmark.gates.rates import measure_rates
from cdp_orchestration.benchmark.gates.streams import STREAMS, measure_figures
from cdp_orchestration.benchmark.gates.tables import EXPORTED, export, fill
from cdp_orchestration.benchmark.stopwatch import timed
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.terminal.tables import table
from expectations import GATED_TABLES, Gate, GateResult, LoadCounts

_HEADINGS = ("what", "suites", "expectations", "failed", "seconds")
Line = tuple[str, ...]
Place = tuple[str, Gate]
"""A relation and its gate."""


def main(
    persons: Annotated[int, typer.Option(help="Person records.", min=100)] = 1_000_000,
    touchpoints: Annotated[int, typer.Option(help="Touchpoints.", min=100)] = 3_000_000,
    customers: Annotated[int, typer.Option(help="Customers of the homes in which damage is planted; 0: none.")] = 1_000,
) -> None:
    """Evaluate every gate on invented tables, and write the project of Great Expectations with its pages.

    Then damages and clean variations are planted in healthy homes: which are found, and at which gate.

    The whole counts but for the making of the tables. Two streams stand for those of all sources, and four files for
    those of a release.
    """
    console = Console()
    with tempfile.TemporaryDirectory(prefix="cdp-bench-gates-") as folder:
        settings = Settings(Path(folder))
        with open_warehouse(settings.warehouse) as connection:
            connection.execute("set enable_progress_bar = false")
            fill(connection, persons, touchpoints)
            export(connection, settings.home)
        found = measured(_evaluate, settings)
    console.print(table(f"Gates, {persons:,} person records, {touchpoints:,} touchpoints", _HEADINGS, found.result))
    console.print(f"All in {found.took} s, at most {found.peak_mib:,.0f} MiB")
    if customers:
        console.print(measure_rates(customers, console))


def _evaluate(settings: Settings) -> list[Line]:
    everything, imported = timed(_gates)
    lines: list[Line] = [("importing Great Expectations", "", "", "", str(imported))]
    with open_warehouse(settings.warehouse) as connection:
        connection.execute("set enable_progress_bar = false")
        for stage, places in everything(connection, settings).items():
            found, took = timed(partial(_checked, connection, places))
            _, recorded = timed(partial(_recorded, settings, found, stage))
            counted = [each for result in found for each in result.outcomes]
            failed = sum(not each.is_passed for each in counted)
            lines.append((stage, f"{len(found)}", f"{len(counted)}", f"{failed}", str(took)))
            lines.append((f"{stage}: results and pages", "", "", "", str(recorded)))
        figures, took = timed(partial(measure_figures, connection))
        lines.append(("figures of two deliveries and of three tables", "", f"{figures}", "", str(took)))
    return lines


def _gates() -> Callable[[duckdb.DuckDBPyConnection, Settings], dict[str, list[Place]]]:
    from expectations import GATES, landing_gate, release_gate

    def places(connection: duckdb.DuckDBPyConnection, settings: Settings) -> dict[str, list[Place]]:
        load = LoadCounts(rows_landed=1, rows_refused=0, values_refused=0, files_refused=0)
        landed = [
            (f"landing.{stream.table}", landing_gate(stream.table, stream.key, stream.cursor, load=load))
            for stream in STREAMS
        ]
        staged = {stage: [(f"{stage}.{name}", GATES[stage][name]) for name in GATED_TABLES[stage]] for stage in GATES}
        released = [_released(connection, settings.home, name, release_gate) for name in EXPORTED]
        return {"landing": landed, **staged, "release": released}

    return places


def _released(
    connection: duckdb.DuckDBPyConnection, folder: Path, name: str, release_gate: Callable[..., Gate]
) -> Place:
    table = name.partition(".")[2]
    relation = f"read_parquet('{folder / table}.parquet')"
    (rows,) = connection.execute(f"select count(*) from {relation}").fetchall()[0]
    types = {name: kind for name, kind, *_ in connection.execute(f"describe select * from {relation}").fetchall()}
    return relation, release_gate(table, rows, types, EXPORTED[name])


def _checked(connection: duckdb.DuckDBPyConnection, places: list[Place]) -> list[GateResult]:
    from expectations import check_table

    return [check_table(connection, relation, gate) for relation, gate in places]


def _recorded(settings: Settings, found: list[GateResult], run_name: str) -> None:
    from expectations.project import GateProject

    # One at a time, as the steps of a run do; only the release's gates are recorded together.
    project = GateProject(settings.home, settings.data_docs.parent)
    for results in [found] if run_name == "release" else [[each] for each in found]:
        project.record(results, run_name)


if __name__ == "__main__":
    typer.run(main)
