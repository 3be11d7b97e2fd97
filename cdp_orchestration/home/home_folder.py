"""The folder that holds everything of one customer data platform: its home."""

import re
from pathlib import Path

from cdp_orchestration.errors import SettingsError

# Dagster names its SQLite files by addresses, in which these do not stand for themselves
_OTHERWISE_IN_ADDRESSES = re.compile(r"[?]|%[0-9A-Fa-f]{2}")


def home_folder(path: str) -> Path:
    """Return the absolute path of a home.

    Args:
        path: the path as it was given; ``~`` is the user's folder.

    Returns:
        The path, without links.

    Raises:
        SettingsError: Dagster would keep its storage for such a path in another place, or find none.
    """
    home = Path(path).expanduser().resolve()
    found = _OTHERWISE_IN_ADDRESSES.search(str(home))
    if found:
        raise SettingsError(
            f"The home {home} has `{found[0]}` in its path, expected none: Dagster would look for its storage in "
            "another place. Rename the folder, or choose another one with CDP_HOME"
        )
    return home
