"""Benchmark of an engine at size: against one resolution in memory and plain Splink, with the truth of the people.

Each is measured in a process of its own on the same database file, so that its peak of memory is its own
(``make bench ENGINE=loop RECORDS="1000000"``).
"""

import importlib
import tempfile
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import duckdb
import pyarrow.parquet as pq
import typer
from rich.console import Console

from cdp_orchestration.benchmark.child_process import Measured, measured
from cdp_orchestration.benchmark.identity import PLAIN_PEOPLE_SQL, multiply, plain_splink
from cdp_orchestration.dagster.sync_run import run_sync
from cdp_orchestration.demo import write_demo
from cdp_orchestration.home.engine_settings import EngineSettings
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.engine_choice import chosen_engine
from cdp_orchestration.terminal.tables import table
from identity import PLATFORM_MAPPING, Evaluation, evaluate, resolve, resolve_partitioned
from identity.model.splink_session import quiet_splink

_PEOPLE = "main.people"
_GIB = 1 << 30
_OF_MEMORY, _OF_ENGINE = "in_memory.parquet", "steps/clusters/*.parquet"
Row = tuple[str, str]


def main(
    records: Annotated[list[int] | None, typer.Option(help="How many person records to resolve.", min=1)] = None,
    engine: Annotated[str, typer.Option(help="loop or spark.")] = "loop",
    memory: Annotated[float, typer.Option(help="GiB that the engine may take.", min=0.01)] = 2.0,
    home: Annotated[Path | None, typer.Option(help="A synced home with demo_truth.csv; none: make one.")] = None,
    alone: Annotated[bool, typer.Option("--alone", help="Measure the engine and nothing else.")] = False,
) -> None:
    """Resolve multiplied people by an engine, and say what it took relative to memory and to plain Splink."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="cdp-bench-") as folder:
        settings = Settings(home) if home else _synced(Settings(Path(folder) / "home"))
        for count in records or (200_000,):
            with tempfile.TemporaryDirectory(prefix="cdp-bench-", dir=folder) as place:
                rows = list(_rows(settings, count, EngineSettings(engine, memory), Path(place), alone=alone))
            console.print(table(f"Engine {engine} at {count:,} records, {memory:g} GiB", ("what", "value"), rows))


def _synced(settings: Settings) -> Settings:
    write_demo(settings.inbox, settings.home / "demo_truth.csv")
    run_sync(settings, on_progress=lambda _: None)
    return settings


def _rows(settings: Settings, count: int, engine: EngineSettings, folder: Path, *, alone: bool) -> Iterator[Row]:
    measured(_prepare, folder, settings.warehouse, count)
    by_engine = measured(_by_engine, folder, engine)
    yield from _figures(engine.name or "", by_engine)
    for name, value in by_engine.result["counts"].items():
        yield name.replace("_", " "), f"{value:,}"
    yield "partitions", str(by_engine.result["partitions"])
    seconds = sorted(by_engine.result["seconds"].items(), key=lambda item: -item[1])
    yield "of which", ", ".join(f"{name} {value:.0f}" for name, value in seconds if value >= 1)
    if not alone:
        in_memory, plain = measured(_in_memory, folder), measured(_plain, folder)
        yield from _figures("memory", in_memory)
        yield from _figures("plain Splink", plain)
        for name, other in (("memory", in_memory), ("plain Splink", plain)):
            yield f"{engine.name} / {name}", by_engine.took.relative_to(other.took)
            yield f"{engine.name} / {name}, peak", f"{by_engine.peak_mib / other.peak_mib:.2f}"
        yield "equal clusters", str(measured(_is_equal, folder).result)
    truth = settings.home / "demo_truth.csv"
    for name, file in ((engine.name, _OF_ENGINE), *(() if alone else (("memory", _OF_MEMORY),))):
        compared = measured(_evaluate, folder, truth, file).result
        for each in fields(Evaluation):
            value = getattr(compared, each.name)
            shown = f"{value:,}" if isinstance(value, int) else f"{value:.5f}"
            yield f"{name}, {each.name.replace('_', ' ')}", shown


def _figures(name: str, of: Measured) -> Iterator[Row]:
    yield f"{name}, seconds", str(of.took)
    yield f"{name}, peak GiB", f"{of.peak_mib / 1024:.2f}"


def _prepare(folder: Path, warehouse: Path, count: int) -> None:
    with duckdb.connect(folder / "people") as opened:
        opened.execute("set enable_progress_bar = false")
        multiply(opened, warehouse, count)


def _by_engine(folder: Path, settings: EngineSettings) -> dict[str, Any]:
    with duckdb.connect(folder / "people") as opened:
        # the caller's database keeps what it has read as long as its limit lets it
        opened.execute(f"set memory_limit = '{int(settings.memory_gib * _GIB / 2) >> 20}MiB'")
        engine = chosen_engine(opened, Settings(folder, engine=settings), _PEOPLE)
        if engine is None:
            raise typer.BadParameter(f"{settings.name} is no engine of partitions; expected loop or spark")
        found = resolve_partitioned(
            engine, opened, _PEOPLE, PLATFORM_MAPPING, folder=folder / "steps", store_state_in="main"
        )
    return {
        "counts": found.counts,
        "seconds": found.seconds,
        "partitions": -(-found.counts["records"] // engine.records_per_partition),
    }


def _in_memory(folder: Path) -> None:
    with duckdb.connect(folder / "people") as opened:
        found = resolve(opened, _PEOPLE, PLATFORM_MAPPING, store_state_in="main")
    pq.write_table(found.clusters, folder / _OF_MEMORY)


def _plain(folder: Path) -> None:
    importlib.import_module("splink")
    with duckdb.connect(folder / "people", read_only=True) as opened:
        people = opened.execute(PLAIN_PEOPLE_SQL).to_arrow_table()
    with quiet_splink():
        plain_splink(people)


def _is_equal(folder: Path) -> bool:
    """Whether both say the same of every record; where the engine trained on a sample, they need not."""
    with duckdb.connect() as work:
        one, other = (f"from read_parquet('{folder / name}')" for name in (_OF_MEMORY, _OF_ENGINE))
        differing = f"select count(*) from (({one} except all {other}) union all ({other} except all {one}))"
        return bool(work.execute(differing).fetchall()[0][0] == 0)


def _evaluate(folder: Path, truth: Path, file: str) -> Evaluation:
    """Compare with the truth, in which each copy of a person is a person of its own."""
    with duckdb.connect() as work:
        clusters, people = (
            work.execute(query).to_arrow_table()
            for query in (
                f"select person_record_id, cluster_id from read_parquet('{folder / file}')",
                f"""
                with known as (
                    select concat_ws(':', source_system, source_record_type, source_record_id) as record, person_id
                    from read_csv('{truth}', all_varchar = true)
                    where is_linkable = 'true'
                ),

                copied as (
                    select person_record_id, regexp_extract(person_record_id, '^(.*)/([0-9]+)$', ['record', 'copy'])
                        as part
                    from read_parquet('{folder / file}')
                )

                select person_record_id, person_id || '/' || part.copy as person_id
                from copied
                inner join known on part.record = known.record
                """,
            )
        )
    return evaluate(clusters, people)


if __name__ == "__main__":
    typer.run(main)
