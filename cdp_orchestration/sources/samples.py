"""The first rows of a file or an API, as text by column, from which a declaration is drafted."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from cdp_orchestration.errors import CdpError

SAMPLE_ROWS = 1000
_READERS = {
    ".csv": "read_csv(?, all_varchar = true)",
    ".tsv": "read_csv(?, all_varchar = true)",
    ".txt": "read_csv(?, all_varchar = true)",
    ".parquet": "read_parquet(?)",
}
_JSON = (".jsonl", ".ndjson", ".json")


class SampleError(CdpError):
    """No rows can be read of what a declaration shall be drafted from."""


@dataclass(frozen=True)
class Sample:
    """Rows as text: for each column its values, null where the row has none. Members of objects are named ``a.b``."""

    columns: Mapping[str, tuple[str | None, ...]]

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return len(next(iter(self.columns.values()), ()))


def sample_of_file(path: Path) -> Sample:
    """Read the first rows of a CSV, JSON or Parquet file, plain or ``.gz``.

    Args:
        path: the file.

    Returns:
        Its rows, at most ``SAMPLE_ROWS``.

    Raises:
        SampleError: the file is not there, has another form, or has no rows.
    """
    name = path.name.lower().removesuffix(".gz")
    if not path.is_file():
        raise SampleError(f"{path} is no file; name a CSV, JSON Lines or Parquet file with some rows of the stream.")
    ending = next((each for each in (*_READERS, *_JSON) if name.endswith(each)), None)
    if ending is None:
        raise SampleError(f"{path}: expected a name that ends in {', '.join((*_READERS, *_JSON))}, plain or .gz.")
    try:
        return sample_of_rows(_json_rows(path) if ending in _JSON else _table_rows(path, _READERS[ending]))
    except duckdb.Error as error:
        # The message of the reader may repeat rows, so only its kind is said.
        raise SampleError(f"{path} cannot be read ({type(error).__name__}); check that it is whole.") from None


def sample_of_rows(rows: Iterable[Mapping[str, Any]]) -> Sample:
    """Return rows of any values as a sample; raises SampleError where there are none."""
    flat = [dict(_flat(row)) for row, _ in zip(rows, range(SAMPLE_ROWS), strict=False)]
    names = dict.fromkeys(name for row in flat for name in row)
    if not names:
        raise SampleError("The sample has no rows; a declaration is drafted from some.")
    return Sample({name: tuple(row.get(name) for row in flat) for name in names})


def _table_rows(path: Path, reader: str) -> Iterator[dict[str, Any]]:
    with duckdb.connect(":memory:") as engine:
        found = engine.execute(f"select * from {reader} limit {SAMPLE_ROWS}", [str(path)])
        names = [column[0] for column in found.description]
        for row in found.fetchall():
            yield dict(zip(names, row, strict=True))


def _json_rows(path: Path) -> Iterator[dict[str, Any]]:
    with duckdb.connect(":memory:") as engine:
        found = engine.execute(f"select json from read_json_objects(?) limit {SAMPLE_ROWS}", [str(path)])
        for (text,) in found.fetchall():
            value = json.loads(text, parse_float=str, parse_int=str)
            if isinstance(value, dict):
                yield value


def _flat(row: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str | None]]:
    for name, value in row.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, list):
            yield f"{prefix}{name}", json.dumps(value, ensure_ascii=False, default=str)
        elif isinstance(value, bool):
            yield f"{prefix}{name}", str(value).lower()
        else:
            yield f"{prefix}{name}", None if value is None or value == "" else str(value)
