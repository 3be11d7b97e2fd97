"""What the sources have delivered: list files below ``inbox/<source>/<stream>/`` without opening them."""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.pauses import paused_sources
from cdp_orchestration.sources import Stream, declared_streams

UNFINISHED_ENDINGS = (
    ".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download", ".opdownload", ".inprogress",
    ".uploading", ".writing", ".aria2", ".incomplete", ".unfinished", ".!ut", ".!qb",
)  # fmt: skip
# What programs leave beside the data: Spark's marks, the systems' notes on a folder, a workbook that is open, a mark or
# a sum that says that a file is whole, an editor's copy.
NO_DATA_NAMES = frozenset(
    {"_success", "_metadata", "_common_metadata", "_temporary", "_delta_log", "_spark_metadata", "thumbs.db",
     "ehthumbs.db", "desktop.ini", "__macosx", "@eadir", "#recycle", "$recycle.bin", "system volume information",
     "lost+found"}
)  # fmt: skip
NO_DATA_BEGINNINGS = (".", "~$", "_started_", "_committed_")
NO_DATA_ENDINGS = (
    ".crc", "_$folder$", ".md5", ".sha1", ".sha256", ".sha512", ".done", ".ok", ".trg", ".ready", ".lock", ".swp", "~",
)  # fmt: skip
Format = Literal["csv", "jsonl", "parquet", "sheet"]
"""What a content is; a sheet of a workbook is CSV that landing has written itself."""
FORMATS: dict[str, Format] = {
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".txt": "csv",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".parquet": "parquet",
}  # fmt: skip
SHEETS = ".xlsx"
PACKED = (".gz", ".zst", ".zip")
WORKBOOKS = (".xls", ".xlsm", ".xlsb", ".ods", ".numbers")
ARCHIVES = (".7z", ".rar", ".tar", ".tgz", ".tar.gz", ".tar.bz2")


@dataclass(frozen=True)
class Delivery:
    """One file of a stream's folder, as listed: it may be deleted or changed when it is opened.

    ``source_file`` is the path below the stream's folder; ``problem`` is the reason why it must not be opened.
    """

    path: Path
    source_file: str
    size_bytes: int
    modified_ns: int
    problem: str | None = None

    @property
    def is_packed(self) -> bool:
        """Whether the ending says that the content is compressed, as that of a workbook is."""
        return self.path.name.lower().endswith((*PACKED, SHEETS))

    @property
    def is_gzip(self) -> bool:
        """Whether the ending says that the content is gzip."""
        return self.path.name.lower().endswith(".gz")

    @property
    def format(self) -> Format | None:
        """What the content is, by the ending; None when the ending says nothing."""
        name = self.path.name.lower()
        name = next((name.removesuffix(ending) for ending in PACKED if name.endswith(ending)), name)
        return next((kind for ending, kind in FORMATS.items() if name.endswith(ending)), None)


def find_deliveries(stream: Stream, settings: Settings) -> list[Delivery]:
    """List the files of the stream's folder and its subfolders.

    Hidden files, unfinished uploads (``.tmp``, ``.crdownload``) and what programs leave beside data (``_SUCCESS``,
    ``Thumbs.db``) are no deliveries.

    Returns:
        One delivery per file, in name order.
    """
    folder = settings.inbox / stream.source / stream.name
    inbox = Path(os.path.realpath(settings.inbox))
    found = (_delivery(entry, folder, inbox) for entry in _walk(folder))
    return sorted(found, key=lambda delivery: delivery.source_file)


def delivered_files(folder: Path) -> Iterator[Path]:
    """Yield every file below a folder that may be data; hidden, unfinished and accompanying ones are left out."""
    return (Path(entry.path) for entry in _walk(folder))


def inbox_fingerprint(settings: Settings, streams: Iterable[Stream] | None = None) -> str:
    """Return a digest of path, size and time of every delivered file: when it changes, there is something to land.

    It changes when a person takes a delivery back or confirms a snapshot, too, and every hour where a stream is fetched
    from a system, which may have news at any time.
    """
    digest = hashlib.sha256()
    paused = paused_sources(settings)
    given = declared_streams(settings) if streams is None else streams
    declared = [stream for stream in given if stream.source not in paused]
    if any(stream.mapping and stream.mapping.from_ for stream in declared):
        digest.update(f"{datetime.now(UTC):%Y-%m-%dT%H}".encode())
    withdrawn = settings.withdrawn_deliveries
    digest.update(withdrawn.read_bytes() if withdrawn.exists() else b"-")
    if settings.confirmed_snapshots.exists():
        digest.update(settings.confirmed_snapshots.read_bytes())
    for stream in declared:
        for delivery in find_deliveries(stream, settings):
            facts = (stream.table, delivery.source_file, delivery.size_bytes, delivery.modified_ns)
            digest.update(repr(facts).encode())
    return digest.hexdigest()


def _walk(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        entries = list(os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        if is_no_data(entry.name.lower()):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path))
        else:
            yield entry


def is_no_data(name: str) -> bool:
    """Return whether a name in small letters is that of an unfinished file, or of what programs leave beside data."""
    return (
        name in NO_DATA_NAMES
        or name.startswith(NO_DATA_BEGINNINGS)
        or name.endswith((*NO_DATA_ENDINGS, *UNFINISHED_ENDINGS))
    )


def _delivery(entry: os.DirEntry[str], folder: Path, inbox: Path) -> Delivery:
    path = Path(entry.path)
    # The ledger must be able to hold a name that is not UTF-8.
    source_file = os.fsencode(path.relative_to(folder).as_posix()).decode("utf-8", "backslashreplace")
    try:
        status = path.stat()
    except OSError:
        status = None
    size, modified = (status.st_size, status.st_mtime_ns) if status else (-1, -1)
    delivery = Delivery(path, source_file, size, modified)
    return replace(delivery, problem=_problem(delivery, inbox, status))


def _problem(delivery: Delivery, inbox: Path, status: os.stat_result | None) -> str | None:
    if not Path(os.path.realpath(delivery.path)).is_relative_to(inbox):
        return refusals.OUTSIDE_INBOX
    if status is None:
        return refusals.DISAPPEARED
    if stat.S_ISDIR(status.st_mode):
        return refusals.LINKED_FOLDER
    if not stat.S_ISREG(status.st_mode):
        return refusals.NOT_A_REGULAR_FILE
    return problem_of_name(delivery)


def problem_of_name(delivery: Delivery) -> str | None:
    """Return why a file of this name must not be opened; None where it may be data."""
    name = delivery.path.name.lower()
    if name.endswith(WORKBOOKS):
        return refusals.WORKBOOK
    if name.endswith(ARCHIVES):
        return refusals.ARCHIVE
    # An archive's part may have a number for its name: what is in it is found when it is unpacked.
    if delivery.format is None and not delivery.is_packed:
        return refusals.UNKNOWN_FORMAT
    return None
