"""Write the report about the live release into one file, and beside it the list of who may be contacted."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml

from cdp_orchestration.customer_report.contacts import COLUMNS, read_contacts
from cdp_orchestration.customer_report.figures import read_figures
from cdp_orchestration.customer_report.freshness import read_freshness
from cdp_orchestration.customer_report.page import Page, render_page
from cdp_orchestration.home.settings import DBT_PROJECT_DIR, Settings
from cdp_orchestration.home.spreadsheet_csv import csv_lines
from cdp_orchestration.release.reader import Release, live_release, require_live_release

_ONLY_THE_OWNER = 0o600


@dataclass(frozen=True)
class WrittenReport:
    """The files of the report, and the release it describes."""

    file: Path
    contacts_file: Path
    release_id: str
    profile_count: int
    contact_count: int
    size_bytes: int


def write_report(settings: Settings, output: Path | None = None, written_at: datetime | None = None) -> WrittenReport:
    """Write the report about the live release; a reader sees the former file or the new one, never a part of it.

    Without a live release it raises ``NoReleaseError``. Only the owner may read what is written.

    Args:
        settings: where the releases lie, and the company's name.
        output: the file to write, by default ``settings.customer_report``; the list stands beside it.
        written_at: the time that the age of the data is measured at, with a zone; now by default.

    Returns:
        What was written.
    """
    release = require_live_release(settings.releases)
    file = (output or settings.customer_report).expanduser().resolve()
    contacts_file = file.with_name(f"{file.stem}_contacts.csv")
    figures = read_figures(release, written_at)
    with release.connect() as connection:
        contacts = read_contacts(connection)
    around = Page(
        company_name=settings.company_name,
        attribution_window_days=attribution_window_days(),
        contacts_file=contacts_file.name,
        contact_count=len(contacts),
        data_docs=_way_to_data_docs(settings, file),
    )
    page = render_page(figures, around).encode("utf-8")
    file.parent.mkdir(parents=True, exist_ok=True)
    _replace(contacts_file, (line.encode("utf-8", "replace") for line in csv_lines(COLUMNS, contacts)))
    _replace(file, [page])
    return WrittenReport(
        file, contacts_file, release.release_id, figures.customer_counts.profile_count, len(contacts), len(page)
    )


def write_report_of_old_data(settings: Settings) -> WrittenReport | None:
    """Write the report again if the data of the live release are old by now: a page cannot say by itself how old."""
    release = live_release(settings.releases)
    return write_report(settings) if release and _is_old(release) else None


def attribution_window_days() -> int:
    """Return how long before an order a visit is credited with it, as the dbt project declares it."""
    project = yaml.safe_load((DBT_PROJECT_DIR / "dbt_project.yml").read_text(encoding="utf-8"))
    return int(project["vars"]["attribution_window_days"])


def _way_to_data_docs(settings: Settings, file: Path) -> str:
    """Return the address of what the gates found, as seen from the page; empty where there is nothing."""
    # A page that was written elsewhere is sent on, and would lead its reader nowhere
    is_beside = file.parent == settings.customer_report.resolve().parent
    is_there = is_beside and settings.data_docs.is_file()
    return settings.data_docs.relative_to(settings.reports).as_posix() if is_there else ""


def _is_old(release: Release) -> bool:
    with release.connect() as connection:
        how_new = read_freshness(connection, datetime.now(UTC))
    return how_new.is_old or bool(how_new.missing)


def _replace(file: Path, parts: Iterable[bytes]) -> None:
    unfinished = file.with_name(f".{file.name}.tmp")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _ONLY_THE_OWNER)
    with os.fdopen(descriptor, "wb") as output:
        output.writelines(parts)
    unfinished.replace(file)
