from pathlib import Path

import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.states.unread_files import unread_folders


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("crm/contcts/jan.csv", "crm/contcts: 1 file is not read; did you mean crm/contacts?"),
        ("CRM/Contacts/jan.csv", "CRM/Contacts: 1 file is not read; did you mean crm/contacts?"),
        ("billing/invoices/jan.csv", "billing/invoices: 1 file is not read; declare the stream"),
        ("crm/jan.csv", "crm: 1 file is not read; declare the stream"),
        ("jan.csv", "inbox: 1 file is not read; declare the stream"),
        ("crm/contcts/2026/jan.csv", "crm/contcts: 1 file is not read; did you mean crm/contacts?"),
    ],
)
def test_files_that_no_stream_reads_are_listed_with_what_may_be_meant(tmp_path: Path, path, says):
    deliver(tmp_path, path)

    (found,) = unread_folders(Settings(home=tmp_path))

    assert str(found).startswith(says)


def test_files_of_declared_streams_and_hidden_ones_are_not_listed(tmp_path):
    for path in ("crm/contacts/jan.csv", "crm/contacts/2026/jan.csv", "crm/.DS_Store", "billing/_SUCCESS"):
        deliver(tmp_path, path)

    assert unread_folders(Settings(home=tmp_path)) == []


def test_a_declared_stream_of_the_home_is_read(tmp_path):
    deliver(tmp_path, "club/members/jan.csv")
    (tmp_path / "sources").mkdir()
    declaration = "source: club\nstreams: {members: {key: [id], fields: {id: identifier}}}\n"
    (tmp_path / "sources" / "club.yml").write_text(declaration, encoding="utf-8")

    assert unread_folders(Settings(home=tmp_path)) == []


def test_a_name_with_signs_that_a_terminal_obeys_is_shown_without_them(tmp_path):
    deliver(tmp_path, "crm/\x1b[31mred/jan.csv")

    assert "\x1b" not in str(unread_folders(Settings(home=tmp_path))[0])


def deliver(home: Path, path: str) -> None:
    file = home / "inbox" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("id\n1\n", encoding="utf-8")
