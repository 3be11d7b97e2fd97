"""One stream's inbox: write deliveries of invented rows, land them and read the landed and refused rows."""

import csv
import gzip
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import LandedStream, land_stream
from cdp_orchestration.landing.raw_rows import arrow_engine
from cdp_orchestration.sources import Field, Stream, shipped_streams
from cdp_orchestration.sources.file_forms import FileForms

Row = dict[str, Any]
VALUES = {
    "decimal": "12.50",
    "boolean": True,
    "date": "1980-02-28",
    "timestamp": "2026-01-02T03:04:05Z",
    "json": {"city": "Zürich"},
}


@dataclass(frozen=True)
class Feed:
    """A stream and the home that it is delivered to."""

    stream: Stream
    settings: Settings

    @property
    def folder(self) -> Path:
        return self.settings.inbox / self.stream.source / self.stream.name

    @property
    def ending(self) -> str:
        """The format in which the vendor usually exports the stream."""
        is_csv = self.stream.source == "crm" or self.stream.name == "survey_responses"
        return ".csv" if is_csv else ".parquet" if self.stream.source == "in_store" else ".jsonl"

    def field_of(self, *types: str) -> Field | None:
        """Return a field of one of the types whose bad value refuses the whole row."""
        return next((field for field in self.stream.fields if field.type in types and not field.keeps_row), None)

    def row(self, number: int, **changes: Any) -> Row:
        return {**{field.name: _value(field, number) for field in self.stream.fields}, **changes}

    def rows(self, count: int, first: int = 1) -> list[Row]:
        return [self.row(number) for number in range(first, first + count)]

    def deliver(self, name: str, content: bytes | list[Row]) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else encode(name, content))
        return path

    def land(self) -> LandedStream:
        return land_stream(self.stream, self.settings)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with open_warehouse(self.settings.warehouse) as connection:
            return connection.execute(sql).fetchall()

    def landed(self, columns: str = "*") -> list[tuple[Any, ...]]:
        return self.query(f"select {columns} from landing.{self.stream.table} order by _source_file, _source_line")

    def lines(self) -> list[tuple[str, int]]:
        return self.landed("_source_file, _source_line")

    def refusals(self) -> list[tuple[Any, ...]]:
        return self.query(
            "select source_file, source_line, field, reason from operations.quarantined "
            f"where source = '{self.stream.source}' and stream = '{self.stream.name}' "
            "order by source_file, source_line, field"
        )


def encode(name: str, rows: list[Row]) -> bytes:
    """Return the rows in the format of the name's ending."""
    if name.endswith(".gz"):
        return gzip.compress(encode(name.removesuffix(".gz"), rows))
    if name.endswith(".csv"):
        return _csv(rows)
    if name.endswith(".parquet"):
        buffer = io.BytesIO()
        pq.write_table(pa.Table.from_pylist([_as_json_text(row) for row in rows]), buffer)
        return buffer.getvalue()
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def _csv(rows: list[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow(_as_json_text(row).values())
    return text.getvalue().encode()


def _as_json_text(row: Row) -> Row:
    return {
        name: orjson.dumps(value).decode() if isinstance(value, dict | list) else value for name, value in row.items()
    }


def _value(field: Field, number: int) -> Any:
    if field.form == "list of texts":
        return ["late"]
    if field.form == "list of objects":
        return [{"sku": "A1", "price": "3.00"}]
    if field.pattern:
        return "EUR"
    if field.scale:
        return 1
    if field.type in VALUES:
        return VALUES[field.type]
    return number if field.type == "integer" else f"{field.name} {number}"


def _stream(table: str) -> Stream:
    return next(stream for stream in shipped_streams() if stream.table == table)


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    home = Settings(home=tmp_path / "home")
    # While one connection is open, others of this process open immediately: these tests take half the time.
    with open_warehouse(home.warehouse):
        yield home


REPRESENTATIVES = ("crm_contacts", "ecommerce_orders", "in_store_transaction_items")
IN_FAST_SUBSET = REPRESENTATIVES[:1]


def _as_params(tables: Iterable[str]) -> list[Any]:
    """Return the streams to land: one in the fast subset, one of each usual format every time, all of them nightly."""
    marks = dict.fromkeys(REPRESENTATIVES, pytest.mark.slow) | dict.fromkeys(IN_FAST_SUBSET, ())
    return [pytest.param(table, marks=marks.get(table, pytest.mark.long)) for table in tables]


@pytest.fixture(params=_as_params(REPRESENTATIVES))
def feed(request: pytest.FixtureRequest, settings: Settings) -> Feed:
    """One stream that is usually CSV, one JSON Lines and one Parquet; each accepts every format."""
    return Feed(_stream(request.param), settings)


@pytest.fixture(params=_as_params(stream.table for stream in shipped_streams()))
def every_feed(request: pytest.FixtureRequest, settings: Settings) -> Feed:
    """Each stream."""
    return Feed(_stream(request.param), settings)


@pytest.fixture
def feeds(settings: Settings) -> dict[str, Feed]:
    """Every stream's inbox of one home, by the stream's table."""
    return {stream.table: Feed(stream, settings) for stream in shipped_streams()}


@pytest.fixture
def feed_of(settings: Settings) -> Callable[[str], Feed]:
    """Return the feed of a stream by its table."""
    return lambda table: Feed(_stream(table), settings)


@pytest.fixture
def feed_with(settings: Settings) -> Callable[..., Feed]:
    """Return the feed of a stream, usually the contacts, whose files are declared to be written so."""

    def with_forms(table: str = "crm_contacts", **forms: Any) -> Feed:
        return Feed(replace(_stream(table), files=FileForms.model_validate(forms)), settings)

    return with_forms


@pytest.fixture
def contacts(settings: Settings) -> Feed:
    return Feed(_stream("crm_contacts"), settings)


@pytest.fixture
def events(settings: Settings) -> Feed:
    return Feed(_stream("ecommerce_events"), settings)


@pytest.fixture
def orders(settings: Settings) -> Feed:
    return Feed(_stream("ecommerce_orders"), settings)


@pytest.fixture
def loyalty_members(settings: Settings) -> Feed:
    return Feed(_stream("in_store_loyalty_members"), settings)


@pytest.fixture
def transaction_items(settings: Settings) -> Feed:
    return Feed(_stream("in_store_transaction_items"), settings)


@pytest.fixture
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with arrow_engine() as connection:
        yield connection
