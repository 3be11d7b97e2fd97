"""Requests come as a CSV file: those that have ended are passed over, what cannot be read is named by its line."""

from pathlib import Path

import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.privacy.request_files import AskedErasure, RequestFileError, read_requests
from cdp_orchestration.privacy.requests import LogEntry, log

AT = "2026-11-29T10:00:00+00:00"


def asked(tmp_path: Path, text: str) -> list[AskedErasure]:
    file = tmp_path / "requests.csv"
    file.write_text(text, encoding="utf-8")
    return read_requests(Settings(home=tmp_path), file)


def test_each_line_is_a_request_with_further_records(tmp_path: Path) -> None:
    text = (
        "\ufeffrequest_id,request_type,who,also\nT-1,erase,a@example.com,crm:contact:1 crm:contact:2\n\nT-2,erase,p1,\n"
    )
    assert asked(tmp_path, text) == [
        AskedErasure("T-1", "a@example.com", ("crm:contact:1", "crm:contact:2")),
        AskedErasure("T-2", "p1"),
    ]


def test_a_request_that_has_ended_is_passed_over(tmp_path: Path) -> None:
    log(Settings(home=tmp_path), [LogEntry("T-1", "erase", "p", "crm", AT, AT, AT, 1, 1, "ada")])
    assert asked(tmp_path, "request_id,request_type,who\nT-1,erase,a\nT-2,erase,b\n") == [AskedErasure("T-2", "b")]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("request_id,who\nT-1,a\n", "no column request_type"),
        ("request_id,request_type,who\nT-1,forget,zoe@mail.example\n", "line 2: request_type is not erase"),
        ("request_id,request_type,who\n,erase,zoe@mail.example\n", "line 2: request_id or who is empty"),
    ],
)
def test_what_cannot_be_read_is_named_and_no_person_is(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(RequestFileError, match=named) as raised:
        asked(tmp_path, text)
    assert "zoe" not in str(raised.value)
