"""A manifest that is damaged is taken from its copy, and the other way round."""

from collections.abc import Iterator
from pathlib import Path

from cdp_orchestration.errors import DamagedReleaseError
from cdp_orchestration.home.durable_files import replace_file
from cdp_orchestration.release.bundle import MANIFEST, MANIFEST_COPY, copied_manifest, copy_of_manifest
from cdp_orchestration.release.reader import open_release
from cdp_orchestration.repair.repaired import Repair


def repair_manifest(folder: Path) -> Iterator[Repair]:
    """Make the manifest of a release and its copy the same again; one of an earlier version has no copy.

    Args:
        folder: the folder of the release.

    Yields:
        What was wrong, if anything was and either is whole.
    """
    manifest, copy = folder / MANIFEST, folder / MANIFEST_COPY
    if not copy.exists():
        return
    whole = copied_manifest(copy)
    if whole is None and _opens(folder):
        replace_file(copy, copy_of_manifest(manifest.read_bytes()))
        yield Repair(f"{folder.name}/{copy.name}", "is not what was written", f"written again from {manifest.name}")
    elif whole is not None and (not manifest.exists() or manifest.read_bytes() != whole):
        found = "is not what was published" if manifest.exists() else "is missing"
        replace_file(manifest, whole)
        yield Repair(f"{folder.name}/{manifest.name}", found, f"written again from {copy.name}")


def _opens(folder: Path) -> bool:
    try:
        open_release(folder)
    except DamagedReleaseError:
        return False
    return True
