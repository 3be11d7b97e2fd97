"""Some rows of a source as a file, as a fetch would deliver them: to try a declaration, or to draft one."""

from pathlib import Path

from cdp_orchestration.connectors.connecting import connector_of
from cdp_orchestration.connectors.databases.declaration import Database
from cdp_orchestration.connectors.fetching import FetchError
from cdp_orchestration.connectors.files.declaration import Files
from cdp_orchestration.connectors.rest.declaration import Rest

SAMPLE_ROWS = 1000


def write_sample(declared: Rest | Database | Files, folder: Path, count: int = SAMPLE_ROWS) -> Path:
    """Ask a source for its first rows, or for its newest file, and write them into a folder.

    Args:
        declared: what stands below ``from``.
        folder: where the file is written; no position is kept.
        count: how many rows at most; a file is copied whole.

    Returns:
        The file.

    Raises:
        FetchError: the source cannot be reached, refuses, or has nothing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(declared, Files):
        return connector_of(declared).copy_newest(folder)
    path = folder / ("sample.jsonl" if isinstance(declared, Rest) else "sample.parquet")
    written = _write_lines(declared, path, count) if isinstance(declared, Rest) else _write_rows(declared, path, count)
    if not written:
        raise FetchError("The source answers without rows; expected some. Check its address, query and parameters.")
    return path


def _write_lines(declared: Rest, path: Path, count: int) -> int:
    lines = connector_of(declared).sample(count)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return len(lines)


def _write_rows(declared: Database, path: Path, count: int) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = connector_of(declared).sample(count)
    if rows:
        schema = pa.schema([(name, pa.string()) for name in rows[0]])
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
    return len(rows)
