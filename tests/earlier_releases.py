"""Releases as earlier versions wrote them."""

import hashlib
import json
from pathlib import Path

import duckdb

from cdp_orchestration.release.bundle import MANIFEST, MANIFEST_COPY, copy_of_manifest
from cdp_orchestration.release.times import warehouse_rows


def take_zones_away(folder: Path) -> None:
    """Write a release anew as contract 1 had it: with times in UTC that do not say so."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    with duckdb.connect() as connection:
        for entry in manifest["tables"].values():
            unfinished = folder / "unfinished"
            rows = warehouse_rows(folder / entry["file"], entry["columns"])
            connection.execute(f"copy ({rows}) to '{unfinished}' (format parquet)")
            unfinished.replace(folder / entry["file"])
            content = (folder / entry["file"]).read_bytes()
            entry |= {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}
            for column in entry["columns"]:
                column["type"] = column["type"].removesuffix(" with time zone")
    written = json.dumps(manifest).encode()
    (folder / MANIFEST).write_bytes(written)
    (folder / MANIFEST_COPY).write_bytes(copy_of_manifest(written))
