"""Names of files elsewhere: which are meant, and what they are called in the inbox."""

import hashlib
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

_PATTERN_SIGNS = frozenset("*?[")


def split_pattern(path: str) -> tuple[str, str]:
    """Return the folder that is listed, and the pattern of the names below it; of a plain folder every name."""
    parts = path.split("/")
    first = next((number for number, part in enumerate(parts) if _PATTERN_SIGNS & set(part)), None)
    if first is None:
        return path.rstrip("/") or "/", "**"
    return "/".join(parts[:first]) or "/", "/".join(parts[first:])


def is_meant(name: str, pattern: str) -> bool:
    """Return whether a name below the folder is one of the pattern; ``**`` stands for any number of folders."""
    return _matches(PurePosixPath(name).parts, PurePosixPath(pattern).parts)


def _matches(names: tuple[str, ...], patterns: tuple[str, ...]) -> bool:
    if not patterns:
        return not names
    if patterns[0] == "**":
        is_end = len(patterns) == 1
        return (is_end and bool(names)) or any(_matches(names[skip:], patterns[1:]) for skip in range(len(names) + 1))
    return bool(names) and fnmatchcase(names[0], patterns[0]) and _matches(names[1:], patterns[1:])


def safe_name(name: str) -> str:
    """Return a file's name as a path below a folder: no part of it leads out of the folder or hides the file.

    Two names never become one: a name that has to be changed ends with a digest of what it was.
    """
    parts = [part for part in name.split("/") if part]
    kept = ["".join(each if each.isprintable() and each not in '\\:*?"<>|' else "_" for each in part) for part in parts]
    kept = [("_" + part.lstrip(".")) if set(part) <= {"."} else part for part in kept]
    joined = "/".join(part[-200:] for part in kept)
    if joined == name:
        return name
    folder, _, last = joined.rpartition("/")
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{folder}/{mark}-{last}" if folder else f"{mark}-{last}"
