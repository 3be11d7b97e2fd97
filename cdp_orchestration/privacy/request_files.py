"""Requests that come as a CSV file, a line each."""

import csv
from dataclasses import dataclass
from pathlib import Path

from cdp_orchestration.errors import CdpError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.privacy.requests import read_log

COLUMNS = ("request_id", "request_type", "who")


class RequestFileError(CdpError):
    """A file of requests cannot be read; the message names the line and no person."""


@dataclass(frozen=True)
class AskedErasure:
    """One line: the id of the request, who it is about, and further records that are to go."""

    request_id: str
    who: str
    also: tuple[str, ...] = ()


def read_requests(settings: Settings, file: Path) -> list[AskedErasure]:
    """Return the requests of a file that have not ended.

    Args:
        settings: the home.
        file: CSV with request_id, request_type and who, and maybe also, keys separated by blanks.

    Returns:
        The requests in the order of the file.

    Raises:
        RequestFileError: a column is missing, a line has no id or person, or another type than erase.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as content:
            reader = csv.DictReader(content)
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RequestFileError(f"{file} cannot be read ({type(error).__name__}); expected CSV in UTF-8") from None
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise RequestFileError(f"{file} has no column {', '.join(missing)}; expected {', '.join(COLUMNS)}")
    ended = {each.request_id for each in read_log(settings) if each.completed_at}
    asked = [_request(file, line, row) for line, row in rows if any((value or "").strip() for value in row.values())]
    return [each for each in asked if each.request_id not in ended]


def _request(file: Path, line: int, row: dict[str, str]) -> AskedErasure:
    request_id, kind, who = ((row[name] or "").strip() for name in COLUMNS)
    if kind != "erase":
        raise RequestFileError(f"{file} line {line}: request_type is not erase; expected erase")
    if not request_id or not who:
        raise RequestFileError(f"{file} line {line}: request_id or who is empty; expected both")
    return AskedErasure(request_id, who, tuple((row.get("also") or "").split()))
