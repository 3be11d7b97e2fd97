"""The rows of a delivered file as a database or an API has them: each value as the vendor wrote it."""

import gzip
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

BATCH_ROWS = 10_000
IS_JSON = {b"holds": b"json"}  # what marks a column of JSON texts


def tables_of(path: Path) -> Iterator[pa.Table]:
    """Yield the rows of a delivered file, some thousand at a time and in their order.

    Args:
        path: CSV, JSON Lines (also packed) or Parquet.

    Yields:
        Tables with the vendor's columns: text where the file has text, the file's own types where it is Parquet, and
        JSON, marked with ``IS_JSON``, for objects and lists. An empty field of CSV is null.
    """
    if path.suffix == ".parquet":
        yield from (pa.Table.from_batches([batch]) for batch in pq.ParquetFile(path).iter_batches(BATCH_ROWS))
    elif path.suffix == ".csv":
        yield _table_of_csv(path)
    else:
        with _opened(path) as lines:
            while some := list(islice(lines, BATCH_ROWS)):
                yield _table_of_json([orjson.loads(line) for line in some])


def json_rows_of(path: Path) -> Iterator[bytes]:
    """Yield each row of a delivered file as a JSON object: numbers and booleans where the file has them."""
    if path.suffix in (".csv", ".parquet"):
        for table in tables_of(path):
            yield from (orjson.dumps(row, default=_number, option=orjson.OPT_UTC_Z) for row in table.to_pylist())
    else:
        with _opened(path) as lines:
            yield from (line.rstrip(b"\n") for line in lines)


def _opened(path: Path) -> Any:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")


def _table_of_csv(path: Path) -> pa.Table:
    with path.open(encoding="utf-8") as file:
        names = file.readline().rstrip("\n").split(",")
    return pa.csv.read_csv(
        path,
        parse_options=pa.csv.ParseOptions(newlines_in_values=True),
        convert_options=pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), null_values=[""], strings_can_be_null=True
        ),
    )


def _table_of_json(rows: list[dict[str, Any]]) -> pa.Table:
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: [row.get(name) for row in rows] for name in names}
    nested = {name for name, values in columns.items() if any(isinstance(each, dict | list) for each in values)}
    schema = pa.schema([pa.field(name, pa.string(), metadata=IS_JSON if name in nested else None) for name in names])
    return pa.table({name: list(map(_text, values)) for name, values in columns.items()}, schema)


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else orjson.dumps(value).decode()


def _number(value: Any) -> orjson.Fragment:
    if not isinstance(value, Decimal):
        raise TypeError(f"no form in JSON for {type(value).__name__}")
    return orjson.Fragment(str(value))
