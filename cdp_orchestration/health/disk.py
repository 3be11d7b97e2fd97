"""Whether the disk holds the next release: the free bytes against what a sync writes."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.notifications import Finding
from cdp_orchestration.release.publication import release_ids

MIB = 1024**2
WORKING_SPACE = 512 * MIB
"""For landing, sorting and Dagster's log, whatever the size of the home."""
COMFORT = 3
"""Below so many times the needed bytes it warns."""


@dataclass(frozen=True)
class Space:
    """Free bytes, and what the next sync may need at most: another release, and the warehouse written anew."""

    free: int
    needed: int

    @property
    def is_short(self) -> bool:
        """Whether a sync might fail."""
        return self.free < self.needed

    @property
    def is_low(self) -> bool:
        """Whether few syncs are left."""
        return self.free < COMFORT * self.needed


def space_of(settings: Settings) -> Space:
    """Measure the disk of a home, which need not exist yet."""
    # The newest, which is there also while the live one cannot be opened
    newest = release_ids(settings.releases)[:1]
    release = sum(file.stat().st_size for each in newest for file in (settings.releases / each).iterdir())
    warehouse = settings.warehouse.stat().st_size if settings.warehouse.exists() else 0
    return Space(free=shutil.disk_usage(_existing(settings.home)).free, needed=WORKING_SPACE + release + warehouse)


def disk_findings(settings: Settings) -> list[Finding]:
    """Return a finding where the disk is low: critical where the next sync may not fit."""
    return disk_finding(space_of(settings))


def disk_finding(space: Space) -> list[Finding]:
    """Return what is to be said of a disk, nothing where there is room."""
    if not space.is_low:
        return []
    free, needed = space.free // MIB, space.needed // MIB
    return [
        Finding(
            kind="low_disk",
            subject="disk of the home",
            severity="critical" if space.is_short else "warning",
            what=f"{free:,} MiB are free, and the next sync may need {needed:,} MiB.",
            remedy="Free space, remove old releases with `cdp releases prune`, or move the home to a larger disk.",
            counts={"free_mib": free, "needed_mib": needed},
        )
    ]


def _existing(path: Path) -> Path:
    return next(each for each in (path, *path.parents) if each.exists())
