"""The live release: whether it opens, and whether its files are as its manifest says."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from cdp_orchestration.doctor.line import Line, fail, ok, warn
from cdp_orchestration.release.reader import Release, live_release

_RESTORE = "`cdp sync --full` publishes a whole release again; find out what changed the folder."


def release_lines(releases: Path) -> list[Line]:
    """Return whether the live release opens and its files are whole."""
    try:
        live = live_release(releases)
    except (OSError, ValueError, KeyError) as error:
        found = f"the live release cannot be opened ({type(error).__name__})"
        return [fail("release", found, f"See {releases}/CURRENT.json and the manifest that it names. {_RESTORE}")]
    if live is None:
        return [warn("release", "nothing is published yet", "Run `cdp demo`, or fill the inbox and run `cdp sync`.")]
    broken = list(broken_files(live))
    if broken:
        return [fail("release", f"{live.release_id}: {'; '.join(broken[:5])}", _RESTORE)]
    return [ok("release", f"{live.release_id}: {len(live.manifest['tables'])} files are as its manifest says")]


def broken_files(release: Release) -> Iterator[str]:
    """Yield what is wrong with the files of a release: size and number of rows against its manifest."""
    for entry in release.manifest["tables"].values():
        file = release.folder / entry["file"]
        size = file.stat().st_size if file.is_file() else None
        if size is None:
            yield f"{entry['file']} is missing"
        elif size != entry.get("size_bytes", size):  # releases of earlier versions have no sizes
            yield f"{entry['file']} has {size:,} bytes, its manifest says {entry['size_bytes']:,}"
        elif (rows := _rows(file)) != entry["rows"]:
            found = "cannot be read" if rows is None else f"has {rows:,} rows"
            yield f"{entry['file']} {found}, its manifest says {entry['rows']:,} rows"


def _rows(file: Path) -> int | None:
    try:
        return int(pq.read_metadata(file).num_rows)
    except (pa.ArrowInvalid, OSError):
        return None
