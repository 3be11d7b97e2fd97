"""A damaged delivery stops a sync; a person takes it back, or accepts it; a healthy one was never in the way."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from release_comparison import release_of

from cdp_orchestration.benchmark.planted_rows import Row, moved, read_rows, write_rows
from cdp_orchestration.demo import write_demo

pytestmark = pytest.mark.slow

Cdp = Callable[..., "CompletedProcess[str]"]
CONTACTS = "crm/contacts"


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory, cdp: Cdp) -> Path:
    """Return a home with one healthy delivery that is live."""
    home = tmp_path_factory.mktemp("healthy") / "home"
    write_demo(home / "inbox", home / "demo_truth.csv", customers=250, seed=5, drops=(0,))
    synced = cdp(home, "sync")
    assert synced.returncode == 0, synced.stdout + synced.stderr
    return home


def _contacts(home: Path) -> list[Row]:
    rows = {row["Id"]: row for file in sorted((home / "inbox" / CONTACTS).iterdir()) for row in read_rows(file)}
    return [{**row, "SystemModstamp": moved(row["SystemModstamp"], days=3)} for row in rows.values()]


def _deliver_the_trial(home: Path) -> None:
    """All contacts without e-mails, half of the shop's customers, a renamed key, and a misspelt folder."""
    inbox = home / "inbox"
    contacts = [{**row, "Email": ""} for row in _contacts(home)]
    write_rows(inbox / CONTACTS / "2026-07-05_contacts.csv", contacts)
    (inbox / "crm" / "contcts").mkdir()
    write_rows(inbox / "crm" / "contcts" / "2026-07-05_contacts.csv", contacts)
    (customers,) = (read_rows(file) for file in (inbox / "ecommerce" / "customers").iterdir())
    write_rows(inbox / "ecommerce" / "customers" / "2026-07-05_customers.jsonl", customers[: len(customers) // 2])
    (members,) = (read_rows(file) for file in (inbox / "in_store" / "loyalty_members").iterdir())
    renamed = [{"MemberNo" if name == "member_id" else name: value for name, value in row.items()} for row in members]
    write_rows(inbox / "in_store" / "loyalty_members" / "2026-07-05_members.parquet", renamed)


def test_the_damaged_delivery_waits_until_a_person_takes_it_back(healthy: Path, cdp: Cdp, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(healthy, home)
    before = release_of(home).release_id
    _deliver_the_trial(home)
    stopped = cdp(home, "sync")
    said = stopped.stdout + stopped.stderr
    assert stopped.returncode == 1, said
    assert "gate landing.crm_contacts_figures failed" in said
    assert "Email, emptied 100.0%" in said
    assert "cdp source withdraw" in said
    assert release_of(home).release_id == before
    waiting = json.loads(cdp(home, "gates", "list", "--json").stdout)
    assert {(each["subject"], each["figure"], each["of"]) for each in waiting} >= {
        ("landing.crm_contacts", "emptied", "Email")
    }
    assert cdp(home, "source", "withdraw", CONTACTS, "2026-07-05_contacts.csv").returncode == 0
    mended = cdp(home, "sync")
    assert mended.returncode == 0, mended.stdout + mended.stderr
    assert "did you mean crm/contacts" in mended.stdout
    assert json.loads(cdp(home, "gates", "list", "--json").stdout) == []


def test_what_a_person_accepts_goes_through_and_is_usual_from_then_on(healthy: Path, cdp: Cdp, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(healthy, home)
    before = release_of(home).release_id
    contacts = [{**row, "MailingPostalCode": "10115"} for row in _contacts(home)]
    write_rows(home / "inbox" / CONTACTS / "2026-07-05_contacts.csv", contacts)
    assert cdp(home, "sync").returncode == 1
    (run,) = {each["run_id"] for each in json.loads(cdp(home, "gates", "list", "--json").stdout)}
    accepted = cdp(home, "gates", "accept", run[:8], "--why", "all of them moved into one house")
    assert accepted.returncode == 0, accepted.stderr
    assert "Accepted: landing.crm_contacts" in accepted.stdout
    synced = cdp(home, "sync")
    assert synced.returncode == 0, synced.stdout + synced.stderr
    assert release_of(home).release_id != before


def test_a_source_that_deletes_half_of_its_persons_stops_before_identity(
    healthy: Path, cdp: Cdp, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(healthy, home)
    contacts = _contacts(home)
    deleted = [{**row, "IsDeleted": "true"} for row in contacts[: len(contacts) // 2]]
    write_rows(home / "inbox" / CONTACTS / "2026-07-05_contacts.csv", deleted)
    stopped = cdp(home, "sync")
    assert stopped.returncode == 1, stopped.stdout
    assert "gate staging.person_records_figures failed" in stopped.stdout + stopped.stderr
