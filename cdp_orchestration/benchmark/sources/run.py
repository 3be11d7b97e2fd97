"""Benchmark of what comes from the sources: landing files and fetching a table (``make bench-sources``)."""

import shutil
import tempfile
from pathlib import Path
from typing import Annotated, get_args

import duckdb
import typer
from rich.console import Console

from cdp_orchestration.benchmark.child_process import Measured, measured
from cdp_orchestration.benchmark.sources.orders import ORDERS, Format, write_orders, write_typed
from cdp_orchestration.benchmark.sources.postgres import copy_to_csv, fetch, fill
from cdp_orchestration.demo.throwaway_postgres import NoServerError, throwaway_postgres
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.sql_text import quoted
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import land_stream
from cdp_orchestration.landing.raw_rows import arrow_engine
from cdp_orchestration.terminal.tables import table

_HEADINGS = ("what", "MB", "rows", "seconds", "baseline", "ratio", "peak MiB")
Line = tuple[str, ...]


def main(
    rows: Annotated[int, typer.Option(help="Orders in the large files and in the table.", min=1)] = 1_000_000,
    files: Annotated[int, typer.Option(help="How many small files to land.", min=1)] = 10_000,
    rows_per_file: Annotated[int, typer.Option(help="Orders in each small file.", min=1)] = 100,
) -> None:
    """Land invented orders from each format and as many small files, and fetch them from a PostgreSQL.

    The baseline of a file is DuckDB, which reads it by the declared types and writes the same columns as Parquet; that
    of the small files is DuckDB over all of them, and that of the table is the server's own ``COPY … TO`` CSV. Each is
    measured in the same run, in processes of their own, whose start does not count.
    """
    console = Console()
    with tempfile.TemporaryDirectory(prefix="cdp-bench-sources-") as folder:
        lines = [_large_file(Path(folder), kind, rows) for kind in get_args(Format)]
        lines += _small_files(Path(folder), files, rows_per_file)
        lines.append(_table(Path(folder), rows))
    console.print(table("Sources", _HEADINGS, lines))


def _large_file(workspace: Path, kind: Format, rows: int) -> Line:
    settings = Settings(workspace / kind)
    size = write_orders(_folder(settings), kind, rows)
    baseline = measured(write_typed, str(_folder(settings) / f"*.{kind}"), kind, str(workspace / "typed.parquet"))
    landed = measured(_land, settings)
    shutil.rmtree(settings.home)
    return _line(f"one file, {kind}", size, landed, baseline)


def _small_files(workspace: Path, files: int, rows_per_file: int) -> list[Line]:
    settings = Settings(workspace / "small")
    size = write_orders(_folder(settings), "jsonl", files * rows_per_file, rows_per_file)
    baseline = measured(write_typed, str(_folder(settings) / "*.jsonl"), "jsonl", str(workspace / "typed.parquet"))
    landed = measured(_land, settings)
    read = measured(_read, settings)
    read_baseline = measured(_read_file, str(workspace / "typed.parquet"))
    shutil.rmtree(settings.home)
    return [
        _line(f"{files:,} files of {rows_per_file:,} rows, jsonl", size, landed, baseline),
        _line("reading all columns of what they became", 0, read, read_baseline),
    ]


def _table(workspace: Path, rows: int) -> Line:
    try:
        with throwaway_postgres() as server:
            fill(server, rows)
            baseline = measured(copy_to_csv, server)
            size = (server.folder / "copied.csv").stat().st_size
            fetched = measured(fetch, server, workspace / "fetched")
    except NoServerError as reason:
        return (f"PostgreSQL: not measured, {reason}", *([""] * (len(_HEADINGS) - 1)))
    # What the server does costs no seconds of the processor here, so there is no ratio by them.
    ratio = f"{fetched.took.seconds / baseline.took.seconds:.3g}"
    return (*_line("PostgreSQL, a table", size, fetched, baseline)[:5], ratio, f"{fetched.peak_mib:,.0f}")


def _line(what: str, size: int, found: Measured, baseline: Measured) -> Line:
    ratio = found.took.relative_to(baseline.took)
    megabytes = f"{size / 1e6:,.0f}" if size else ""
    rows = f"{found.result:,}"
    return (what, megabytes, rows, str(found.took), str(baseline.took), ratio, f"{found.peak_mib:,.0f}")


def _folder(settings: Settings) -> Path:
    return settings.inbox / ORDERS.source / ORDERS.name


def _land(settings: Settings) -> int:
    return land_stream(ORDERS, settings).rows_landed


def _read(settings: Settings) -> int:
    with open_warehouse(settings.warehouse) as connection:
        return _hashed(connection, f"landing.{ORDERS.table}")


def _read_file(path: str) -> int:
    with arrow_engine() as connection:
        return _hashed(connection, f"read_parquet('{path}')")


def _hashed(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    columns = ", ".join(quoted(field.name) for field in ORDERS.fields)
    found = connection.execute(f"select count(*), bit_xor(hash({columns})) from {relation}").fetchall()
    return int(found[0][0])


if __name__ == "__main__":
    typer.run(main)
