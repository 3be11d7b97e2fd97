"""Open releases for reading: the live one, or the list of all."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from cdp_orchestration.errors import DamagedReleaseError, NoReleaseError
from cdp_orchestration.release.bundle import MANIFEST
from cdp_orchestration.release.pointer import current_release_id

REMEDY = "`cdp repair` writes its files again or makes the newest release live that is whole"


@dataclass(frozen=True)
class Release:
    """One published release: its folder and its manifest."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def release_id(self) -> str:
        """The release's id."""
        return str(self.manifest["release_id"])

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Return a private connection, in UTC, with a view for each table; DamagedReleaseError where one cannot be."""
        connection = connect_in_utc()
        for name, entry in self.manifest["tables"].items():
            file = self.folder / entry["file"]
            try:
                connection.read_parquet(str(file)).create_view(name)
            except duckdb.Error as error:
                raise DamagedReleaseError(f"{file} cannot be read ({type(error).__name__}). {REMEDY}") from error
        return connection


def connect_in_utc() -> duckdb.DuckDBPyConnection:
    """Return a connection that gives times in UTC, whatever the zone of this machine or program is."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    return connection


def open_release(folder: Path) -> Release:
    """Read one release's manifest.

    Args:
        folder: the folder of the release.

    Returns:
        The release.

    Raises:
        DamagedReleaseError: the manifest is missing or cannot be read.
    """
    file = folder / MANIFEST
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DamagedReleaseError(f"{file} cannot be read ({type(error).__name__}). {REMEDY}") from error
    if not _is_manifest(manifest):
        raise DamagedReleaseError(f"{file} lists no tables, expected the manifest of a release. {REMEDY}")
    return Release(folder, manifest)


def _is_manifest(manifest: Any) -> bool:
    if not isinstance(manifest, dict) or not isinstance(manifest.get("tables"), dict):
        return False
    entries = manifest["tables"].values()
    return "release_id" in manifest and all(
        isinstance(each, dict) and {"file", "sha256"} <= each.keys() for each in entries
    )


def live_release(releases: Path) -> Release | None:
    """Return the live release, or None where nothing has been published."""
    release_id = current_release_id(releases)
    return open_release(releases / release_id) if release_id else None


def require_live_release(releases: Path) -> Release:
    """Return the live release.

    Args:
        releases: the folder of all releases.

    Returns:
        The live release with its manifest.

    Raises:
        NoReleaseError: nothing has been published in this home.
    """
    release = live_release(releases)
    if release is None:
        raise NoReleaseError(
            f"{releases} holds no live release; run `cdp demo` for invented data, or put files into the inbox and run "
            "`cdp sync`"
        )
    return release
