"""Python and the libraries, against what the project names."""

import re
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from cdp_orchestration.doctor.line import Line, fail, ok, warn

PROJECT = "customer-data-platform"
OLDEST_PYTHON = (3, 11)
MAX_NAMED = 8


def python_line(running: tuple[int, int], shown: str) -> Line:
    """Return whether the running Python is new enough.

    Args:
        running: its major and minor number.
        shown: its whole version.
    """
    if running < OLDEST_PYTHON:
        return fail("Python", f"Python {shown}", "Install Python 3.11 or newer, then `make setup`.")
    return ok("Python", f"Python {shown}")


def library_line(wanted: Mapping[str, str | None], installed: Mapping[str, str | None]) -> Line:
    """Return whether the libraries are those that were tested together.

    Args:
        wanted: the pinned version of each library; None where any will do.
        installed: the version that is there; None where it is missing.
    """
    missing = sorted(name for name in wanted if installed.get(name) is None)
    other = sorted(
        f"{name} {installed[name]} instead of {pin}"
        for name, pin in wanted.items()
        if pin and installed.get(name) not in (None, pin)
    )
    again = "`make setup`, or install requirements.txt again"
    if missing:
        return fail("libraries", f"not installed: {_listed(missing)}", f"Install them: {again}.")
    if other:
        return warn("libraries", f"other than pinned: {_listed(other)}", f"Install the pinned versions: {again}.")
    pinned = sum(pin is not None for pin in wanted.values())
    known = f", {pinned} of them as pinned" if pinned else "; a wheel brings no pins to compare with"
    return ok("libraries", f"{len(wanted)} are there{known}")


def wanted_libraries(requirements: Path) -> dict[str, str | None]:
    """Return the pins of requirements.txt; of an installed wheel, which has none, the libraries that it names."""
    if requirements.is_file():
        return dict(_pins(requirements.read_text(encoding="utf-8")))
    named = (re.split(r"[\s<>=!~;\[(]", each)[0] for each in requires(PROJECT) or () if "extra ==" not in each)
    return dict.fromkeys(named)


def installed_version(name: str) -> str | None:
    """Return the version of an installed library, None where it is missing."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _pins(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        # A pin with a marker is for another system or version of Python; hashes stand in the lines below a pin
        pin = re.fullmatch(r"([A-Za-z0-9._-]+)==(\S+)", line.partition("#")[0].rstrip(" \\").strip())
        if pin:
            yield pin[1], pin[2]


def _listed(names: list[str]) -> str:
    return ", ".join(names[:MAX_NAMED]) + (f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else "")
