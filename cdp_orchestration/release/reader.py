"""Open releases for reading: the live one, or the list of all."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from cdp_orchestration.errors import DamagedReleaseError, NoReleaseError
from cdp_orchestration.release.bundle import MANIFEST
from cdp_orchestration.release.pointer import current_release_id

REMEDY = (
    "Restore the folder from a backup, or write the name of another release that opens into CURRENT.json; the next "
    "`cdp sync` then publishes the present state anew"
)


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
        """Return a private connection in which every table of this release is a view."""
        connection = duckdb.connect()
        for name, entry in self.manifest["tables"].items():
            connection.read_parquet(str(self.folder / entry["file"])).create_view(name)
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
    if not isinstance(manifest, dict) or not isinstance(manifest.get("tables"), dict):
        raise DamagedReleaseError(f"{file} lists no tables, expected the manifest of a release. {REMEDY}")
    return Release(folder, manifest)


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
