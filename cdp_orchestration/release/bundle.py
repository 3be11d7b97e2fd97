"""Write the published tables as Parquet, with a manifest of their rows, hashes and columns."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb

from cdp_orchestration.home.durable_files import sync_to_disk
from cdp_orchestration.home.sql_text import text_literal
from cdp_orchestration.release.times import published_columns, published_type

CONTRACT_VERSION = "2.0"
MANIFEST = "manifest.json"
MANIFEST_COPY = ".manifest.json"
"""Its SHA-256 in a line and the same again, from which a damaged manifest is mended."""
RELEASE_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
_ID_TIME, _ID_TIME_LENGTH = "%Y%m%dT%H%M%SZ", 16
WRITTEN_AS = "format parquet, compression zstd, compression_level 1"
"""How DuckDB writes the file of a table: the usual level takes some 40 % longer, for files that are hardly smaller."""
ABOUT_RUNS = frozenset({"quality_results"})
"""Tables about the runs themselves: each run adds to them, also after the cut; no release is made for them alone."""


@dataclass(frozen=True)
class PublishedTable:
    """A table of the published contract.

    Attributes:
        name: its name in the release.
        relation: the relation that it is built in, ``schema.table``.
        description: what one row is.
        columns: its columns with the type that readers find, and the meaning.
        key: the columns that are unique together, by which its rows are sorted; by all columns without them.
    """

    name: str
    relation: str
    description: str
    columns: tuple[Mapping[str, str], ...]
    key: tuple[str, ...] = ()


def published_table(name: str, node: Mapping[str, Any], key: Sequence[str]) -> PublishedTable:
    """Read a published table from its dbt model's contract; its key is that of the model's test."""
    columns = tuple(
        {
            "name": column["name"],
            "type": published_type(str(column["data_type"])),
            "description": column["description"],
            "classification": str(column["meta"].get("classification", "none")),
        }
        for column in node["columns"].values()
    )
    return PublishedTable(name, f"{node['schema']}.{name}", node["description"], columns, tuple(key))


def new_release_id(now: datetime, after: str | None = None) -> str:
    """Return an id that sorts by time of creation, and behind a former id also where a clock was set back.

    Args:
        now: the time, UTC.
        after: the greatest id so far.

    Returns:
        The id: the time in seconds, and six random hexadecimal digits.
    """
    ending = uuid4().hex[:6]
    if after is None or f"{now:{_ID_TIME}}" > after[:_ID_TIME_LENGTH]:
        return f"{now:{_ID_TIME}}-{ending}"
    return f"{release_time(after) + timedelta(seconds=1):{_ID_TIME}}-{ending}"


def release_time(release_id: str) -> datetime:
    """Return the time in a release's id, UTC: when it was cut, or a little later where a clock was set back."""
    return datetime.strptime(release_id[:_ID_TIME_LENGTH], _ID_TIME).replace(tzinfo=UTC)


def write_candidate(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    tables: Iterable[PublishedTable],
    about: Mapping[str, Any],
) -> dict[str, Any]:
    """Export every table, and the manifest.

    Args:
        connection: the warehouse.
        folder: the folder to create, not yet visible to readers.
        tables: what to export.
        about: facts of the release as a whole (id, time, versions), copied into the manifest.

    Returns:
        The manifest.
    """
    folder.mkdir(parents=True)
    manifest = {**about, "contract_version": CONTRACT_VERSION, "tables": {}}
    for table in tables:
        manifest["tables"][table.name] = _export(connection, folder, table)
    written = json.dumps(manifest, indent=2, ensure_ascii=False).encode()
    for name, content in ((MANIFEST, written), (MANIFEST_COPY, copy_of_manifest(written))):
        (folder / name).write_bytes(content)
        sync_to_disk(folder / name)
    sync_to_disk(folder)
    return manifest


def copy_of_manifest(manifest: bytes) -> bytes:
    """Return what the copy of a manifest holds."""
    return f"{hashlib.sha256(manifest).hexdigest()}\n".encode() + manifest


def copied_manifest(copy: Path) -> bytes | None:
    """Return the manifest that a copy holds; None where the copy is damaged itself."""
    sha256, _, manifest = copy.read_bytes().partition(b"\n")
    return manifest if hashlib.sha256(manifest).hexdigest().encode() == sha256 else None


def export_table(connection: duckdb.DuckDBPyConnection, file: Path, table: PublishedTable) -> None:
    """Write a published table, durably; equal content is equal bytes.

    Args:
        connection: the warehouse.
        file: the Parquet file; replaced where it exists.
        table: the table.
    """
    # With a fixed order equal content is equal bytes, so that an unchanged table has an unchanged hash.
    order = ", ".join(f'"{column}"' for column in table.key) or "all"
    connection.execute(
        f"copy (select {published_columns(table.columns)} from {table.relation} order by {order}) "
        f"to {text_literal(file)} ({WRITTEN_AS})"
    )
    sync_to_disk(file)


def _export(connection: duckdb.DuckDBPyConnection, folder: Path, table: PublishedTable) -> dict[str, Any]:
    file = folder / f"{table.name}.parquet"
    export_table(connection, file, table)
    rows = connection.execute(f"select count(*) from {table.relation}").fetchall()[0][0]
    return {
        "file": file.name,
        "rows": rows,
        "sha256": file_sha256(file),
        "size_bytes": file.stat().st_size,
        "description": table.description,
        "key": list(table.key),
        "columns": [dict(column) for column in table.columns],
    }


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def same_content(manifest: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether two releases hold the same tables, byte for byte, but for those about the runs themselves."""
    return content_of(manifest) == content_of(other)


def content_of(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return the SHA-256 of each table of a manifest by its name; empty for those about the runs themselves."""
    tables = manifest["tables"].items()
    return {name: "" if name in ABOUT_RUNS else str(entry["sha256"]) for name, entry in tables}
