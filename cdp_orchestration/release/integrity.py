"""Whether the files of a release are still those that were published, compared by their SHA-256."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from cdp_orchestration.errors import DamagedReleaseError
from cdp_orchestration.release.bundle import file_sha256
from cdp_orchestration.release.kept import find_kept, kept_releases
from cdp_orchestration.release.reader import REMEDY, Release


@dataclass(frozen=True)
class DamagedFile:
    """A file that is not what its manifest says.

    Attributes:
        table: the published table.
        file: its file's name.
        found: what is wrong with it, as the end of a sentence about the file.
    """

    table: str
    file: str
    found: str

    def __str__(self) -> str:
        return f"{self.file} {self.found}"


def missing_files(release: Release) -> Iterator[DamagedFile]:
    """Yield the files of a release that are missing or have another size: what is seen without reading them."""
    for table, entry in release.manifest["tables"].items():
        file = release.folder / entry["file"]
        if not file.is_file():
            yield DamagedFile(table, entry["file"], "is missing")
        # releases of earlier versions have no sizes
        elif (size := file.stat().st_size) != (expected := entry.get("size_bytes", size)):
            yield DamagedFile(table, entry["file"], f"has {size:,} bytes, its manifest says {expected:,}")


def damaged_files(release: Release, tables: Collection[str] | None = None) -> list[DamagedFile]:
    """Return the files of a release that are not what was published.

    Args:
        release: the release.
        tables: the tables to look at; None for all.

    Returns:
        The damaged files in the order of the manifest.
    """
    asked = [each for each in release.manifest["tables"] if tables is None or each in tables]
    missing = {each.table: each for each in missing_files(release)}
    return [found for table in asked if (found := missing.get(table) or _other_content(release, table))]


def require_sound(release: Release, tables: Collection[str] | None = None) -> None:
    """Raise DamagedReleaseError where a file of a release is not what was published.

    Args:
        release: the release.
        tables: the tables that will be read; None for all.

    Raises:
        DamagedReleaseError: it names the files and the remedy.
    """
    damaged = damaged_files(release, tables)
    if damaged:
        raise DamagedReleaseError(f"{release.folder}: {'; '.join(map(str, damaged[:5]))}. {REMEDY}")


@dataclass(frozen=True)
class Verified:
    """What reading all files of a release found.

    Attributes:
        release_id: the release.
        file_count: how many files of tables it has.
        damage: what is wrong, a sentence each.
    """

    release_id: str
    file_count: int
    damage: tuple[str, ...]


def verify_releases(releases: Path, asked: str | None) -> list[Verified]:
    """Read the files of releases, and compare them with what was published.

    Args:
        releases: the folder of all releases.
        asked: the first characters of the id of one, or "live"; None for all.

    Returns:
        A row a release; none where nothing has been published.
    """
    kept = kept_releases(releases)
    if asked is not None and kept:
        kept = [find_kept(releases, asked)]
    return [
        Verified(each.release_id, len(each.release.manifest["tables"]), tuple(map(str, damaged_files(each.release))))
        if each.release
        else Verified(each.release_id, 0, (str(each.problem),))
        for each in kept
    ]


def _other_content(release: Release, table: str) -> DamagedFile | None:
    entry = release.manifest["tables"][table]
    if file_sha256(release.folder / entry["file"]) == entry["sha256"]:
        return None
    return DamagedFile(table, entry["file"], "has other content than was published")
