"""Files of the inbox that no stream reads: a folder of no declared stream, or whose name is misspelt."""

from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.inbox import delivered_files
from cdp_orchestration.sources import declared_streams


@dataclass(frozen=True)
class UnreadFolder:
    """A folder of the inbox whose files are not read.

    Attributes:
        name: the folder below the inbox, empty for files that lie in the inbox itself.
        file_count: how many files lie in it.
        meant: the declared ``<source>/<stream>`` that it is most like, None where it is like none.
    """

    name: str
    file_count: int
    meant: str | None

    def __str__(self) -> str:
        """Return what is found and what to do about it."""
        files = f"{self.file_count} {'file is' if self.file_count == 1 else 'files are'} not read"
        if self.meant:
            return f"{self.name or 'inbox'}: {files}; did you mean {self.meant}?"
        return (
            f"{self.name or 'inbox'}: {files}; declare the stream in sources/, or move them to one of a declared stream"
        )


def unread_folders(settings: Settings) -> list[UnreadFolder]:
    """Return the folders of the inbox with files that belong to no declared stream, in order of name."""
    declared = [f"{stream.source}/{stream.name}" for stream in declared_streams(settings)]
    counts: Counter[str] = Counter()
    for path in delivered_files(settings.inbox):
        folder = "/".join(_shown(path, settings.inbox).split("/")[:-1][:2])
        if folder not in declared:
            counts[folder] += 1
    return [UnreadFolder(name, count, _nearest(name, declared)) for name, count in sorted(counts.items())]


def _shown(path: Path, inbox: Path) -> str:
    # A sender chooses the names: a sign that a terminal or a page would obey is shown as a mark.
    text = path.relative_to(inbox).as_posix().encode("utf-8", "replace").decode()
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def _nearest(name: str, declared: list[str]) -> str | None:
    by_letters = {each.casefold(): each for each in declared}
    found = get_close_matches(name.casefold(), by_letters, n=1, cutoff=0.7)
    return by_letters[found[0]] if found else None
