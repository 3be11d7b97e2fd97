"""A person's file: all that is known of one person, as JSON for programs and as a page to read."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from cdp_orchestration.errors import CdpError, ExplanationError, NoReleaseError
from cdp_orchestration.home.durable_files import replace_file
from cdp_orchestration.home.permissions import CLOSED_FOLDER
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.explanation import explain_terms
from cdp_orchestration.privacy.delivered import delivered_tables, written_by
from cdp_orchestration.privacy.person import Person, PersonTable, find_person, read_person
from cdp_orchestration.privacy.person_page import About, Join, render_person
from cdp_orchestration.privacy.requests import is_plain_id
from cdp_orchestration.release.reader import require_live_release
from identity.explanation.wording import words_of_reason

JSON_FILE, PAGE_FILE = "person.json", "person.html"
_CLOSED_FILE = 0o600
_FORMAT = 1
_NOTES = (
    "Left out: which employee decided something, figures of organisations, and records of others that were compared.",
    "Of what was delivered, rows and values that are or may be those of others are left out as well.",
    "Rows that this platform refused to take are not among them; their sources hold their own.",
)
_WEIGHS = 0.05  # bits of evidence below which nothing is said of a comparison


class PersonFileError(CdpError):
    """A person's file cannot be written where it was asked for."""


@dataclass(frozen=True)
class PersonFile:
    """A person's file that was written.

    Attributes:
        folder: the folder that holds person.json and person.html.
        profile_id: the profile.
        record_count: how many person records it has.
        table_count: how many tables say something about the person.
        row_count: how many rows they have.
        delivered_row_count: how many rows of sources are about the person, as they were delivered.
        release_id: the release that was read.
    """

    folder: Path
    profile_id: str
    record_count: int
    table_count: int
    row_count: int
    delivered_row_count: int
    release_id: str


def write_person_file(settings: Settings, who: str, folder: Path, request_id: str | None = None) -> PersonFile:
    """Write all that the live release says about a person.

    Fails with NoReleaseError when nothing is published, with ProfileNotFoundError when the term names no profile or
    several, and with WriterBusyError while the warehouse is being written.

    Args:
        settings: the home; nothing in it changes but the folder.
        who: a profile id, e-mail, phone or record key.
        folder: where the file goes; it is made, and both files of an earlier answer are replaced.
        request_id: the id of the request; without it the folder's name.

    Returns:
        What was written.
    """
    release = require_live_release(settings.releases)
    with release.connect() as connection:
        person = read_person(connection, release, find_person(connection, who))
    person = replace(person, delivered=delivered_tables(settings, person.records))
    texts = written_by(settings, person.delivered)
    joins = _joins(settings, person)
    about = About(
        request_id or folder.name,
        release.release_id,
        str(release.manifest["created_at"])[:16].replace("T", " ") + " UTC",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        settings.company_name,
    )
    notes = _notes(person)
    _closed(folder)
    _write(folder / JSON_FILE, _json(person, joins, about, notes))
    _write(folder / PAGE_FILE, render_person(person, joins, about, notes, texts))
    with_rows = [table for table in person.tables if table.rows]
    return PersonFile(
        folder,
        person.profile_id,
        len(person.records),
        len(with_rows),
        sum(len(table.rows) for table in with_rows),
        sum(len(table.rows) for table in person.delivered),
        release.release_id,
    )


def default_folder(settings: Settings, request_id: str) -> Path:
    """Return where the file of a request goes unless a folder is named.

    Args:
        settings: the home.
        request_id: the id of the request.

    Returns:
        The folder.

    Raises:
        PersonFileError: the id is no plain name of a folder.
    """
    if not is_plain_id(request_id):
        raise PersonFileError(
            f"the request id {request_id[:40]!r} is no name of a folder; expected letters, digits, dots, underscores "
            "and hyphens. Give another one, or name a folder by --to."
        )
    return settings.home / "privacy" / "exports" / request_id


def _joins(settings: Settings, person: Person) -> list[Join]:
    if len(person.records) < 2:
        return []
    try:
        links = explain_terms(settings, person.profile_id, person.profile_id).explanation.links
    except (ExplanationError, NoReleaseError):  # its model is gone, or the profile too large to be weighed again
        return [
            Join(
                row["person_record_id_left"],
                row["person_record_id_right"],
                words_of_reason(row["reason"]),
                (),
                row["match_probability"],
            )
            for row in person.rows("match_edges")
            if row["is_used"]
        ]
    return [
        Join(
            link.left,
            link.right,
            words_of_reason(link.reason),
            tuple(found.words for found in pair.findings if found.weight > _WEIGHS) if pair else (),
            link.match_probability,
        )
        for link, pair in links
    ]


def _notes(person: Person) -> list[str]:
    notes = list(_NOTES)
    if person.parted_at:
        notes.append(
            "Records were taken out of this profile on "
            f"{person.parted_at:%Y-%m-%d}; what it looked like before is left out, because it may have been two people."
        )
    return notes


def _json(person: Person, joins: Sequence[Join], about: About, notes: Sequence[str]) -> str:
    content = {
        "format": _FORMAT,
        **asdict(about),
        "profile_id": person.profile_id,
        "former_profile_ids": person.former_profile_ids,
        "person_record_ids": person.records,
        "joined_because": [asdict(join) for join in joins],
        "notes": notes,
        "tables": _tables(person.tables),
        "delivered": _tables(person.delivered),
    }
    return json.dumps(content, ensure_ascii=False, indent=2, default=_plain) + "\n"


def _tables(tables: Sequence[PersonTable]) -> dict[str, Any]:
    return {
        table.name: {"meaning": table.meaning, "columns": dict(table.columns), "rows": table.rows} for table in tables
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else repr(value)


def _closed(folder: Path) -> None:
    try:
        folder.mkdir(mode=CLOSED_FOLDER, parents=True, exist_ok=True)
        others = sorted({path.name for path in folder.iterdir()} - {JSON_FILE, PAGE_FILE})
        if others:
            raise PersonFileError(
                f"{folder} holds {len(others)} other file(s) or folder(s), such as {others[0]}; expected a new or "
                "empty folder, which is closed to other users. Name another one by --to."
            )
        folder.chmod(CLOSED_FOLDER)
    except OSError as error:
        raise PersonFileError(
            f"{folder} cannot be a closed folder of this user ({type(error).__name__}); name another one by --to"
        ) from error


def _write(path: Path, content: str) -> None:
    path.unlink(missing_ok=True)  # whoever could read a file of this name reads the new one no more
    replace_file(path, content.encode())
    path.chmod(_CLOSED_FILE)
