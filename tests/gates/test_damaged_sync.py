"""A damaged delivery stops a sync; a person takes it back, or accepts it; a healthy one was never in the way."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from live_homes import copy_home
from release_comparison import release_of

from cdp_orchestration.benchmark.planted.rows import Row, moved, read_rows, write_rows

pytestmark = [pytest.mark.slow, pytest.mark.scenario]

Cdp = Callable[..., "CompletedProcess[str]"]
CONTACTS = "crm/contacts"


@pytest.fixture
def home(live_home: Path, tmp_path: Path) -> Path:
    """Return a home with one healthy delivery that is live."""
    return copy_home(live_home, tmp_path / "home")


def _contacts(home: Path) -> list[Row]:
    rows = read_rows(min((home / "inbox" / CONTACTS).glob("*_contacts.csv")))
    newest = {row["Id"]: row for row in rows}
    return [{**row, "SystemModstamp": moved(row["SystemModstamp"], days=3)} for row in newest.values()]


def _deliver_the_trial(home: Path) -> None:
    """All contacts without e-mails, half of the shop's customers, a renamed key, and a misspelt folder."""
    inbox = home / "inbox"
    contacts = [{**row, "Email": ""} for row in _contacts(home)]
    write_rows(inbox / CONTACTS / "2026-07-05_contacts.csv", contacts)
    (inbox / "crm" / "contcts").mkdir()
    write_rows(inbox / "crm" / "contcts" / "2026-07-05_contacts.csv", contacts)
    (customers,) = (read_rows(file) for file in (inbox / "ecommerce" / "customers").glob("*_customers.jsonl"))
    write_rows(inbox / "ecommerce" / "customers" / "2026-07-05_customers.jsonl", customers[: len(customers) // 2])
    (members,) = (read_rows(file) for file in (inbox / "in_store" / "loyalty_members").iterdir())
    renamed = [{"MemberNo" if name == "member_id" else name: value for name, value in row.items()} for row in members]
    write_rows(inbox / "in_store" / "loyalty_members" / "2026-07-05_members.parquet", renamed)


def _waiting(home: Path, cdp: Cdp) -> list[dict[str, str]]:
    return list(json.loads(cdp(home, "gates", "list", "--json").stdout))


def test_a_damaged_delivery_waits_until_a_person_takes_it_back_and_an_unusual_one_until_it_is_accepted(
    home: Path, cdp: Cdp
) -> None:
    before = release_of(home).release_id
    _deliver_the_trial(home)
    stopped = cdp(home, "sync")
    said = stopped.stdout + stopped.stderr
    assert stopped.returncode == 1, said
    assert "gate landing.crm_contacts_figures failed" in said
    assert "Email, emptied 100.0%" in said
    assert "cdp source withdraw" in said
    assert release_of(home).release_id == before
    assert ("landing.crm_contacts", "emptied", "Email") in _subjects(_waiting(home, cdp))
    assert cdp(home, "source", "withdraw", CONTACTS, "2026-07-05_contacts.csv").returncode == 0
    _accept_other_last_names(home, cdp)
    mended = cdp(home, "sync")
    assert mended.returncode == 0, mended.stdout + mended.stderr
    assert "did you mean crm/contacts" in mended.stdout
    assert release_of(home).release_id != before
    assert _waiting(home, cdp) == []


def _subjects(waiting: list[dict[str, str]]) -> set[tuple[str, str, str]]:
    return {(each["subject"], each["figure"], each["of"]) for each in waiting}


def _accept_other_last_names(home: Path, cdp: Cdp) -> None:
    """Deliver all contacts under longer last names: they stop a sync, and nothing that was taken back does."""
    contacts = [{**row, "LastName": f"van {row['LastName']}"} for row in _contacts(home)]
    write_rows(home / "inbox" / CONTACTS / "2026-07-06_contacts.csv", contacts)
    assert cdp(home, "sync").returncode == 1
    waiting = _waiting(home, cdp)
    found = {(subject, of.partition(",")[0]) for subject, _, of in _subjects(waiting)}
    assert found == {("landing.crm_contacts", "LastName")}
    (run,) = {each["run_id"] for each in waiting}
    accepted = cdp(home, "gates", "accept", run[:8], "--why", "last names have their particle from now on")
    assert accepted.returncode == 0, accepted.stderr
    assert "Accepted: landing.crm_contacts" in accepted.stdout


def test_a_source_that_deletes_half_of_its_persons_stops_before_identity(home: Path, cdp: Cdp) -> None:
    contacts = _contacts(home)
    deleted = [{**row, "IsDeleted": "true"} for row in contacts[: len(contacts) // 2]]
    write_rows(home / "inbox" / CONTACTS / "2026-07-05_contacts.csv", deleted)
    stopped = cdp(home, "sync")
    assert stopped.returncode == 1, stopped.stdout
    assert "gate staging.person_records_figures failed" in stopped.stdout + stopped.stderr
