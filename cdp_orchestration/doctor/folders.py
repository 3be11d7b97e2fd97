"""The home: whether it is there, on a disk of this machine, writable, closed to others, and has room."""

import os
import stat
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cdp_orchestration.doctor.line import Line, fail, ok, warn
from cdp_orchestration.health.disk import MIB, Space
from cdp_orchestration.home.settings import Settings

REMOTE_KINDS = (
    "nfs",
    "cifs",
    "smb",
    "9p",
    "afs",
    "ceph",
    "glusterfs",
    "lustre",
    "fuse.sshfs",
    "fuse.s3fs",
    "fuse.gcsfuse",
)


def home_line(home: Path) -> Line:
    """Return whether the home is there."""
    if not home.exists():
        make = "Set CDP_HOME if another folder is meant; `cdp demo` or `cdp sync` creates this one."
        return warn("home", f"{home} does not exist yet", make)
    if not home.is_dir():
        return fail("home", f"{home} is no folder", "Set CDP_HOME to a folder.")
    return ok("home", str(home))


def writable_line(home: Path) -> Line:
    """Return whether a file can be written in the home, by writing one that has no name."""
    try:
        with tempfile.TemporaryFile(dir=home) as file:
            file.write(b"\0" * 4096)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        remedy = "Let the user who runs the platform own the folder, and see that the disk is not full or read-only."
        return fail("writable", f"nothing can be written: {error.strerror}", remedy)
    return ok("writable", "files can be written")


def local_line(kind: str | None) -> Line:
    """Return whether the home lies on a disk of this machine, by the kind of its file system."""
    if kind is None:
        return ok("file system", "its kind cannot be known on this system; it should be a local disk")
    if kind.startswith(REMOTE_KINDS):
        remedy = "Move the home to a local disk: locks and databases are not safe on a disk of the network."
        return warn("file system", f"the home lies on {kind}, a disk of the network", remedy)
    return ok("file system", f"{kind}, a local disk")


def permission_line(home: Path, modes: Sequence[int], owner: int, user: int) -> Line:
    """Return whether others may read the home, which holds personal data.

    Args:
        home: the folder.
        modes: its permissions, then those of the folders above it, as ``stat`` returns them.
        owner: the id of its owner.
        user: the id of the user who asks; -1 where the system has none.
    """
    mode, *above = modes
    is_reached = all(each & stat.S_IXOTH for each in above)
    close = f"chmod 700 {home}; a sync does so, too, where the home belongs to the user who runs it"
    if is_reached and mode & (stat.S_IWOTH | stat.S_IWGRP):
        return fail("permissions", "other users of this machine may write the home", close)
    if is_reached and mode & (stat.S_IRWXO | stat.S_IRGRP):
        return warn("permissions", "other users of this machine may read the home, which holds personal data", close)
    if user not in (-1, 0, owner):
        remedy = "Run the platform as one user, so that each file can be written by the next sync."
        return warn("permissions", "the home belongs to another user", remedy)
    return ok("permissions", "closed to others")


def disk_line(space: Space) -> Line:
    """Return whether the disk has room for what a sync writes."""
    found = f"{space.free // MIB:,} MiB free; the next sync may need {space.needed // MIB:,} MiB"
    remedy = "Free space, remove old releases with `cdp releases prune`, or move the home to a larger disk."
    if space.is_short:
        return fail("disk", found, remedy)
    return warn("disk", found, remedy) if space.is_low else ok("disk", found)


def file_system_kind(path: Path, mounts: Path = Path("/proc/mounts")) -> str | None:
    """Return the kind of the file system of a path, None where the system does not list its mounts."""
    if not mounts.exists():
        return None
    rows = (line.split(" ") for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines())
    fitting = [(row[1], row[2]) for row in rows if len(row) > 2 and _is_above(row[1], path)]
    return max(fitting, key=lambda found: len(found[0]), default=(None, None))[1]


def folder_lines(settings: Settings, space: Space) -> list[Line]:
    """Return all lines about the home; of one that is not there, those that can be known."""
    first = home_line(settings.home)
    if first.verdict != "ok":
        return [first, disk_line(space)]
    about = settings.home.stat()
    modes = [about.st_mode, *(each.stat().st_mode for each in settings.home.parents)]
    user = os.getuid() if hasattr(os, "getuid") else -1
    return [
        first,
        writable_line(settings.home),
        local_line(file_system_kind(settings.home)),
        permission_line(settings.home, modes, about.st_uid, user),
        disk_line(space),
    ]


def _is_above(mount: str, path: Path) -> bool:
    # The list writes a blank as \040
    return path.is_relative_to(mount.replace("\\040", " "))
