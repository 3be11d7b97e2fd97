"""Write the report about the live release into one file."""

from dataclasses import dataclass
from pathlib import Path

from cdp_orchestration.customer_report.figures import read_figures
from cdp_orchestration.customer_report.page import render_page
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.reader import require_live_release


@dataclass(frozen=True)
class WrittenReport:
    """The file of the report, and the release it describes."""

    file: Path
    release_id: str
    profile_count: int
    size_bytes: int


def write_report(settings: Settings, output: Path | None = None) -> WrittenReport:
    """Write the report about the live release; a reader sees the former file or the new one, never a part of it.

    Without a live release it raises ``NoReleaseError``.

    Args:
        settings: where the releases lie.
        output: the file to write, by default ``settings.customer_report``.

    Returns:
        What was written.
    """
    release = require_live_release(settings.releases)
    figures = read_figures(release)
    page = render_page(figures).encode("utf-8")
    file = (output or settings.customer_report).expanduser().resolve()
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.tmp")
    unfinished.write_bytes(page)
    unfinished.replace(file)
    return WrittenReport(file, release.release_id, figures.customer_counts.profile_count, len(page))
