"""Where DuckDB's extensions for other databases lie: in packages of their own, so that nothing is downloaded."""

import importlib
from pathlib import Path

from cdp_orchestration.connectors.databases.declaration import Kind


def scanner_of(kind: Kind) -> Path:
    """Return the file of DuckDB's extension that reads and writes a kind of database."""
    package = importlib.import_module(f"duckdb_extension_{kind}_scanner")
    return next(Path(package.__file__ or "").parent.rglob("*.duckdb_extension"))
