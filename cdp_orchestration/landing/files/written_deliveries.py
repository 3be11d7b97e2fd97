"""Write a delivered file again in its own form (rows with a header, objects, Parquet), part by part.

It has its fields by their declared names, below a header, and the declared form of the stream's files reads it again.
However large it is, a part of it is in memory, and the former file stays until the new one is whole.
"""

import csv
import gzip
import io
import json
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import IO, Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from cdp_orchestration.home.durable_files import UNFINISHED_ENDING, put_in_place
from cdp_orchestration.landing.contract.headings import declared_names
from cdp_orchestration.landing.files.contents import GZIP_MAGIC, open_delivery, unpacked
from cdp_orchestration.landing.files.delimited_signs import writing_options
from cdp_orchestration.landing.files.file_rows import read_rows
from cdp_orchestration.landing.files.member_columns import container_names
from cdp_orchestration.landing.files.text_blocks import BYTE_ORDER_MARK
from cdp_orchestration.landing.inbox import Delivery, Format
from cdp_orchestration.landing.raw_rows import EXTRA, SOURCE_LINE, RawRows, arrow_engine
from cdp_orchestration.sources import Stream
from cdp_orchestration.sources.file_forms import UTF_8

ROWS_AT_A_TIME = 10_000
"""Rows that are objects in memory at once, while they are written."""


def rewrite(
    delivery: Delivery, stream: Stream, change: Callable[[RawRows], tuple[pa.Table, bool]], *, is_kept: bool = False
) -> bool:
    """Write a file again with its rows as they are to be; one that nothing changes stays as it is.

    Args:
        delivery: the file; none that is an archive or a workbook, unless it is kept.
        stream: its stream.
        change: gives for a part of the file its rows as they are to be, and whether anything of them changes.
        is_kept: whether the file stays in any case, and is only asked.

    Returns:
        Whether anything of it changes. FileRefusedError where it cannot be read.
    """
    is_changed, forms = False, stream.files
    with _Copy(delivery, stream) as copy:
        with (
            arrow_engine() as engine,
            open_delivery(delivery, forms) as file,
            unpacked(file, delivery, forms) as (content, kind),
        ):
            for raw in read_rows(content, kind, stream, engine):
                rows, has_changed = change(raw)
                is_changed |= has_changed
                if not is_kept:
                    copy.write(rows, kind, raw.undeclared)
        if is_changed and not is_kept:
            copy.publish()
    return is_changed


class _Copy:
    """The new file beside the former one; ``publish`` puts it in its place, leaving without it removes it."""

    def __init__(self, delivery: Delivery, stream: Stream) -> None:
        self._path = delivery.path
        self._unfinished = self._path.with_name(self._path.name + UNFINISHED_ENDING)
        self._stream = stream
        self._open = ExitStack()
        self._write: Callable[[pa.Table], None] | None = None

    def write(self, rows: pa.Table, kind: Format, undeclared: Collection[str]) -> None:
        """Append rows; the columns of the first ones are those of the file."""
        if self._write is None:
            # A column of documents of which the first rows leave nothing may be needed by later ones
            others = sorted({*undeclared, *self._containers()})
            self._write = self._begin(kind, [*(field.name for field in self._stream.fields), *others])
        for start in range(0, rows.num_rows, ROWS_AT_A_TIME):
            self._write(rows.slice(start, ROWS_AT_A_TIME))

    def _containers(self) -> set[str]:
        declared = {field.name for field in self._stream.fields} | {name for name, _ in self._stream.renames}
        return set(container_names(self._stream)) - declared

    def publish(self) -> None:
        """Put the file in the place of the former one."""
        self._open.close()
        put_in_place(self._unfinished, self._path)

    def __enter__(self) -> "_Copy":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()
        self._unfinished.unlink(missing_ok=True)

    def _begin(self, kind: Format, columns: list[str]) -> Callable[[pa.Table], None]:
        with self._path.open("rb") as former:
            is_packed = former.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        file: IO[bytes] = self._open.enter_context(self._unfinished.open("wb"))
        if is_packed:
            file = cast(IO[bytes], self._open.enter_context(gzip.GzipFile(fileobj=file, mode="wb", mtime=0)))
        forms = self._stream.files
        if forms.encoding != UTF_8 and kind != "parquet":
            file.write(BYTE_ORDER_MARK)  # what is written here is UTF-8
        if kind == "jsonl":
            documents = {field.name for field in self._stream.fields if field.type == "json"}
            return lambda rows: file.writelines(_object(row, extra, documents) for row, extra in _rows(rows))
        if kind == "parquet":
            schema = pa.schema([(name, pa.string()) for name in columns])
            parquet = self._open.enter_context(pq.ParquetWriter(file, schema))
            return lambda rows: parquet.write_table(_texts(rows, schema))
        text = self._open.enter_context(io.TextIOWrapper(file, encoding="utf-8", newline=""))
        # Where columns are declared instead of a header, one that has them all is known as such.
        columns += [name for name in declared_names(forms.columns, self._stream).values() if name not in columns]
        text.write("\n" * forms.skip_lines)
        writer = csv.DictWriter(text, columns, lineterminator="\n", restval="", **writing_options(forms))
        writer.writeheader()
        return lambda rows: writer.writerows(
            {name: _text(value) for name, value in (row | extra).items()} for row, extra in _rows(rows)
        )


def _rows(table: pa.Table) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield each row with its declared fields, and with the others."""
    for row in table.drop([SOURCE_LINE]).to_pylist():
        extra = json.loads(row.pop(EXTRA) or "{}")
        yield row, extra


def _texts(table: pa.Table, schema: pa.Schema) -> pa.Table:
    full = [row | extra for row, extra in _rows(table)]
    return pa.Table.from_pylist([{name: _text(row.get(name)) for name in schema.names} for row in full], schema=schema)


def _object(row: dict[str, Any], extra: dict[str, Any], documents: Collection[str]) -> bytes:
    values = {name: _document(value) if name in documents else value for name, value in row.items()}
    filled = {name: value for name, value in values.items() if value is not None}
    return json.dumps({**filled, **extra}, ensure_ascii=False).encode() + b"\n"


def _document(value: str | None) -> Any:
    try:
        return json.loads(value) if value else None
    except ValueError:
        return value


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
