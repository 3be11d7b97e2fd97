"""One small demo for all tests of this folder: its files in DuckDB as text, and the newest version of every row."""

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from demo_streams import DEMO_STREAMS

from cdp_orchestration.demo import DemoSummary, write_demo
from cdp_orchestration.sources import Stream

CUSTOMERS = 1000  # few enough to be fast, enough for the rare hazards
Query = Callable[[str], list[tuple]]


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> tuple[Path, DemoSummary]:
    folder = tmp_path_factory.mktemp("demo")
    return folder, write_demo(folder / "inbox", folder / "truth.csv", customers=CUSTOMERS)


@pytest.fixture(scope="session")
def query(demo) -> Iterator[Query]:
    """Query ``<source>_<stream>`` (all rows), ``newest_<source>_<stream>`` and ``truth``."""
    folder, _ = demo
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        open_inbox(connection, folder)
        yield lambda sql: connection.execute(sql).fetchall()


def open_inbox(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    for stream in DEMO_STREAMS:
        reader = _reader(folder / "inbox" / stream.source / stream.name, stream)
        connection.execute(f"create table {stream.table} as select * from {reader}")
        order = f'"{stream.cursor}" desc, filename desc' if stream.cursor else "filename desc"
        key = ", ".join(f'"{name}"' for name in stream.key)
        connection.execute(
            f"create table newest_{stream.table} as select * from {stream.table} "
            f"qualify row_number() over (partition by {key} order by {order}) = 1"
        )
    connection.execute(f"create table truth as from read_csv('{folder / 'truth.csv'}', all_varchar = true)")


def _reader(folder: Path, stream: Stream) -> str:
    if list(folder.glob("*.csv")):
        return f"read_csv('{folder}/*.csv', all_varchar = true, filename = true)"
    if list(folder.glob("*.parquet")):
        return f"read_parquet('{folder}/*.parquet', filename = true)"
    columns = ", ".join(f"'{f.name}': '{'json' if f.type == 'json' else 'varchar'}'" for f in stream.fields)
    return f"read_json('{folder}/*.jsonl*', format = 'newline_delimited', columns = {{{columns}}}, filename = true)"
