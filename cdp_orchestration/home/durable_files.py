"""Files that are either complete or absent, also after a crash."""

import json
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

UNFINISHED_ENDING = ".tmp"

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


class DurableParquet:
    """Writes ``<path>.tmp`` piece by piece; ``publish`` renames it to ``path``, leaving without it removes it."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.path = path
        self.schema = schema
        self.row_count = 0
        self._unfinished = path.with_name(path.name + UNFINISHED_ENDING)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = pq.ParquetWriter(self._unfinished, schema, compression="zstd", write_page_checksum=True)

    def write(self, table: pa.Table) -> None:
        """Append rows of the file's schema."""
        self.row_count += table.num_rows
        self._writer.write_table(table)

    def publish(self, path: Path | None = None) -> None:
        """Sync the file to disk and rename it; from here on it survives a crash of the machine.

        Args:
            path: another name in the same folder, where it is known at the end alone.
        """
        self.path = path or self.path
        self._writer.close()
        sync_to_disk(self._unfinished)
        self._unfinished.replace(self.path)
        sync_to_disk(self.path.parent)

    def __enter__(self) -> "DurableParquet":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()
        self._unfinished.unlink(missing_ok=True)


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Replace a JSON file in one step; from here on it survives a crash of the machine. Who may read it stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + UNFINISHED_ENDING)
    unfinished.write_text(json.dumps(values, sort_keys=True), encoding="utf-8")
    if path.exists():
        _take_over_permissions(path, unfinished)
    sync_to_disk(unfinished)
    unfinished.replace(path)
    sync_to_disk(path.parent)


def _take_over_permissions(former: Path, path: Path) -> None:
    about = former.stat()
    path.chmod(stat.S_IMODE(about.st_mode))
    if hasattr(os, "chown") and about.st_gid != path.stat().st_gid:
        os.chown(path, -1, about.st_gid)


def append_durably(path: Path, lines: Sequence[str]) -> None:
    """Append whole lines; one that a crash has cut before stays a line of its own.

    Args:
        path: the file.
        lines: each with its line break; without any nothing is written.
    """
    if not lines:
        return
    is_new = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            lines = lines if file.read(1) == b"\n" else ["\n", *lines]
        file.write("".join(lines).encode())
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        sync_to_disk(path.parent)


def remove_unfinished(folder: Path) -> None:
    """Remove the unfinished files of a killed run; the caller holds the writer's lock."""
    for path in folder.glob(f"*{UNFINISHED_ENDING}"):
        path.unlink()


def sync_to_disk(path: Path) -> None:
    """Return once a file, or the names in a folder, would survive a crash of the machine."""
    if os.name == "nt" and path.is_dir():
        return  # Windows has no handle on a folder to sync
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
