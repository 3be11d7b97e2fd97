"""A table of a shop, as a stream fetches it from a database, and the rows that came."""

from pathlib import Path

import duckdb

from cdp_orchestration.connectors.databases.declaration import Database


def shop(**declared: object) -> Database:
    return Database.model_validate({"kind": "postgres", "url": "env:SHOP_DATABASE", **declared})


def rows_of(files: tuple[Path, ...], columns: str = "*") -> list[tuple[object, ...]]:
    return [row for file in files for row in duckdb.sql(f"select {columns} from '{file}'").fetchall()]
