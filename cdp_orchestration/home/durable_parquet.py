"""Parquet files that are either complete or absent, also after a crash."""

from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cdp_orchestration.home.durable_files import UNFINISHED_ENDING, sync_to_disk

_ARROW_TYPES = {
    "varchar": pa.string(),
    "bigint": pa.int64(),
    "decimal(18, 4)": pa.decimal128(18, 4),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}


def arrow_schema(types: dict[str, str]) -> pa.Schema:
    """Return the Arrow schema of columns given by their DuckDB types."""
    return pa.schema([(name, _ARROW_TYPES[kind]) for name, kind in types.items()])


_SAMPLED_ROWS = 4096
_MAX_DISTINCT_SHARE = 0.5  # of the rows


class DurableParquet:
    """Writes ``<path>.tmp`` piece by piece; ``publish`` renames it to ``path``, leaving without it removes it.

    Where hardly two values of a column are the same, as the first rows show, equal ones are not looked for: that costs
    more than it saves.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.path = path
        self.schema = schema
        self.row_count = 0
        self._unfinished = path.with_name(path.name + UNFINISHED_ENDING)
        self._writer: pq.ParquetWriter | None = None
        path.parent.mkdir(parents=True, exist_ok=True)

    def write(self, table: pa.Table) -> None:
        """Append rows of the file's schema."""
        if table.num_rows:  # no rows would be a group of rows, and say nothing of what repeats
            self.row_count += table.num_rows
            self._opened(table).write_table(table)

    def _opened(self, first: pa.Table) -> pq.ParquetWriter:
        if self._writer is None:
            self._writer = pq.ParquetWriter(
                self._unfinished,
                self.schema,
                compression="zstd",
                write_page_checksum=True,
                use_dictionary=_repeated(first),
            )
        return self._writer

    def publish(self, path: Path | None = None) -> None:
        """Sync the file to disk and rename it; from here on it survives a crash of the machine.

        Args:
            path: another name in the same folder, where it is known at the end alone.
        """
        self.path = path or self.path
        self._opened(self.schema.empty_table()).close()
        sync_to_disk(self._unfinished)
        self._unfinished.replace(self.path)
        sync_to_disk(self.path.parent)

    def __enter__(self) -> "DurableParquet":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer:
            self._writer.close()
        self._unfinished.unlink(missing_ok=True)


def _repeated(rows: pa.Table) -> list[str]:
    """Return the columns in which values come again, by the first of some rows."""
    return [name for name in rows.column_names if not _is_distinct(rows[name].slice(0, _SAMPLED_ROWS))]


def _is_distinct(column: pa.ChunkedArray) -> bool:
    if column.type not in _ARROW_TYPES.values():
        return False
    return bool(pc.count_distinct(column).as_py() > _MAX_DISTINCT_SHARE * len(column))
