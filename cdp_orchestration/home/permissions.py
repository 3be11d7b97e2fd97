"""The home holds personal data: its folder and its files are for the one user who runs the platform.

A group of this machine may be let in to read releases (``CDP_READERS_GROUP``), or their open tier
(``open_tier.yml``), and nothing else.
"""

import os
import shutil
import stat
from collections.abc import Iterable
from pathlib import Path

from cdp_orchestration.errors import SettingsError

CLOSED_FOLDER = 0o700
PASSAGE = 0o710
"""The home where a group reads releases: its members pass through, and cannot list what lies there."""
READERS_FOLDER, READERS_FILE = 0o750, 0o640
_OTHERS = 0o077


def keep_new_files_closed() -> None:
    """Let this process, and those that it starts, create files and folders that no other user can read."""
    os.umask(_OTHERS)


def close_home(home: Path) -> None:
    """Create the home where it is missing, and take from other users what they may do with it.

    Who delivers as another user puts files into a folder outside the home, which a declaration names.

    Args:
        home: the folder. One that belongs to another user, or that all users share by its sticky bit (such as /tmp),
            stays as it is: ``cdp doctor`` names it. The passage of a group to releases stays, too.
    """
    home.mkdir(mode=CLOSED_FOLDER, parents=True, exist_ok=True)
    about = home.stat()
    is_own = not hasattr(os, "getuid") or about.st_uid == os.getuid()
    is_closed = stat.S_IMODE(about.st_mode) in (CLOSED_FOLDER, PASSAGE)
    if is_own and not is_closed and not about.st_mode & stat.S_ISVTX:
        home.chmod(CLOSED_FOLDER)


def let_readers_pass(home: Path, folders: Iterable[Path], group: str) -> None:
    """Let a group through the home to folders in it, which its members may list: names of releases, no more.

    Args:
        home: the home.
        folders: the folder of all releases, and others in it.
        group: the group's name. One that does not exist, or to which this user may not give files, is refused with
            SettingsError.
    """
    _give(home, group, PASSAGE)
    for folder in folders:
        _give(folder, group, READERS_FOLDER)


def share_folder(folder: Path, group: str) -> None:
    """Let a group read a folder and the files in it.

    Args:
        folder: the folder; it holds files alone.
        group: the group's name. One that does not exist, or to which this user may not give files, is refused with
            SettingsError.
    """
    for file in folder.iterdir():
        share_file(file, group)
    _give(folder, group, READERS_FOLDER)


def share_file(file: Path, group: str) -> None:
    """Let a group read a file; SettingsError as for a folder."""
    _give(file, group, READERS_FILE)


def _give(path: Path, group: str, mode: int) -> None:
    try:
        shutil.chown(path, group=group)
    except (LookupError, PermissionError) as error:
        raise SettingsError(
            f"{path} cannot be given to the group {group!r} ({type(error).__name__}); CDP_READERS_GROUP and "
            "readers_group of open_tier.yml expect a group of this machine of which the user who runs the platform is "
            "a member"
        ) from error
    path.chmod(mode)
