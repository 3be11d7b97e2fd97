"""Names of files elsewhere: which are meant, and what they are called in the inbox."""

import hashlib
import re
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

_PATTERN_SIGNS = frozenset("*?[")
_MAX_PART_BYTES = 200
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,10}(\.(gz|zst|zip))?$", re.IGNORECASE)


def split_pattern(path: str) -> tuple[str, str]:
    """Return the folder that is listed, and the pattern of the names below it; of a plain folder every name."""
    parts = path.split("/")
    first = next((number for number, part in enumerate(parts) if _PATTERN_SIGNS & set(part)), None)
    if first is None:
        return path.rstrip("/") or "/", "**"
    return "/".join(parts[:first]) or "/", "/".join(parts[first:])


def is_meant(name: str, pattern: str) -> bool:
    """Return whether a name below the folder is one of the pattern; ``**`` stands for any number of folders.

    As in a shell, a part that begins with a dot is meant only where the pattern's part begins with one, and a name with
    signs of a pattern is meant by itself as well.
    """
    return _matches(PurePosixPath(name).parts, PurePosixPath(pattern).parts)


def _matches(names: tuple[str, ...], patterns: tuple[str, ...]) -> bool:
    if not patterns:
        return not names
    if patterns[0] == "**":
        is_end = len(patterns) == 1
        shown = next((number for number, name in enumerate(names) if name.startswith(".")), len(names))
        if is_end:
            return shown == len(names) > 0
        return any(_matches(names[skip:], patterns[1:]) for skip in range(shown + 1))
    if not names or (names[0].startswith(".") and not patterns[0].startswith(".")):
        return False
    return (names[0] == patterns[0] or fnmatchcase(names[0], patterns[0])) and _matches(names[1:], patterns[1:])


def safe_name(name: str) -> str:
    """Return a file's name as a path below a folder: no part of it leads out of the folder or hides the file.

    Two names never become one: a name that has to be changed has a digest of what it was before its ending. Names keep
    their order by that, as of two files of one stream the later name counts.
    """
    parts = [part for part in name.split("/") if part]
    kept = ["".join(each if each.isprintable() and each not in '\\:*?"<>|' else "_" for each in part) for part in parts]
    kept = [("_" + part.lstrip(".")) if set(part) <= {"."} else part for part in kept]
    # A file system counts bytes, and an ending and a mark are still to come.
    joined = "/".join(part.encode("utf-8", "replace")[-_MAX_PART_BYTES:].decode("utf-8", "ignore") for part in kept)
    if joined == name:
        return name
    return _marked(joined, name)


def path_below(folder: Path, name: str) -> Path:
    """Return where a file comes below a folder of the inbox.

    A bucket can have a file and a folder of one name; the one that comes second is called by its last part and a
    digest.
    """
    path = folder / safe_name(name)
    parents = list(path.relative_to(folder).parents)[:-1]
    if path.is_dir() or any((folder / parent).is_file() for parent in parents):
        return folder / _marked(path.name, name)
    return path


def _marked(path: str, name: str) -> str:
    """Return a path with a digest of a name before its ending, so that it sorts as it would without."""
    ending = _ENDING.search(path)
    at = ending.start() if ending else len(path)
    return f"{path[:at]}-{_mark(name)}{path[at:]}"


def _mark(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
