"""Damages and clean variations through a whole sync, by the command: which gate stops the release.

What a delivery alone shows is found when it lands (``planted_damages``). These are such as are seen first by what
staging or identity make of them, and some of the others.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from cdp_orchestration.benchmark.planted.rows import (
    Change,
    Row,
    all_of,
    inside,
    moved,
    nothing,
    put,
    read_rows,
    sometimes,
    times,
    write_rows,
)
from cdp_orchestration.benchmark.planted.source import MEMBERS, write_own_source
from cdp_orchestration.demo import write_demo

CUSTOMERS = 300
CONTACTS, SHOP, ORDERS, RECEIPTS = (
    "crm/contacts", "ecommerce/customers", "ecommerce/orders", "in_store/transactions",
)  # fmt: skip
TICKETS = "support/tickets"
_KEYS = {CONTACTS: "Id", RECEIPTS: "transaction_id"}
_CURSORS = {CONTACTS: "SystemModstamp"}
_HALF = 0.5


@dataclass(frozen=True)
class PlantedSync:
    """What is planted in all rows of a stream, as newer versions, and the gate that must stop; none for a clean one.

    Attributes:
        name: what is planted, in words.
        stream: its stream.
        change: what happens to each row.
        gate: the gate that must stop the release; empty for a clean variation.
        copied: columns that every second row takes over from the row before it.
        is_start: whether a source of one's own begins to deliver instead.
    """

    name: str
    stream: str
    change: Change
    gate: str = ""
    copied: tuple[str, ...] = ()
    is_start: bool = False


DAMAGED_SYNCS = (
    PlantedSync("all e-mails go null", CONTACTS, put("Email", ""), "landing.crm_contacts_figures"),
    PlantedSync(
        "consent for all", SHOP, inside("email_marketing_consent", "state", "subscribed"),
        "landing.ecommerce_customers_figures",
    ),
    PlantedSync("amounts in cents", RECEIPTS, times("total_amount", 100), "landing.in_store_transactions_figures"),
    PlantedSync("every order is a test", ORDERS, put("test", True), "landing.ecommerce_orders_figures"),
    PlantedSync(
        "half of the contacts are deleted", CONTACTS, sometimes(_HALF, put("IsDeleted", "true")),
        "staging.person_records_figures",
    ),
    PlantedSync(
        "all contacts are deleted", CONTACTS, put("IsDeleted", "true"), "staging.person_records_figures"
    ),
    PlantedSync(
        "half of the receipts are void", RECEIPTS, sometimes(_HALF, put("status", "voided")),
        "staging.interactions_figures",
    ),
    PlantedSync(
        "tickets of users that no one delivered", TICKETS,
        sometimes(0.45, put("requester_id", lambda row: int(row["requester_id"]) + 5_000_000)),
        "staging.interactions_figures",
    ),
    PlantedSync(
        "two people in one", CONTACTS, nothing, "identity.profile_assignments_figures",
        copied=("FirstName", "LastName", "Email", "Phone", "MobilePhone", "Birthdate", "Loyalty_Number__c"),
    ),
)  # fmt: skip
CLEAN_SYNCS = (
    PlantedSync("a source that starts", MEMBERS, nothing, is_start=True),
    PlantedSync("all contacts once more", CONTACTS, nothing),
    PlantedSync("some people move", CONTACTS, sometimes(0.1, put("MailingCity", "Graz"))),
    PlantedSync("an erasure", CONTACTS, sometimes(0.04, put("IsDeleted", "true"))),
    PlantedSync(
        "many orders are paid back", ORDERS,
        sometimes(0.3, all_of(put("financial_status", "refunded"), put("current_total_price", "0.00"))),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class SyncVerdict:
    """How a sync ended, what it said, and the gates that stopped it."""

    returncode: int
    said: str
    gates: Sequence[str]


def make_healthy_home(home: Path, sync: Callable[[Path], SyncVerdict]) -> None:
    """Make a home in which three healthy deliveries are live, one after another.

    Raises:
        RuntimeError: a healthy delivery was stopped.
    """
    for drop in (0, 1, 2):
        write_demo(home / "inbox", home / "demo_truth.csv", customers=CUSTOMERS, seed=5, drops=(drop,), processes=1)
        found = sync(home)
        if found.returncode:
            raise RuntimeError(f"delivery {drop}: a healthy one was stopped; found: {found.said}")


def sync_with(planted: PlantedSync, healthy: Path, home: Path, sync: Callable[[Path], SyncVerdict]) -> SyncVerdict:
    """Deliver what is planted in a copy of a healthy home, and sync."""
    shutil.copytree(healthy, home)
    if planted.is_start:
        write_own_source(home)
        return sync(home)
    folder = home / "inbox" / planted.stream
    files = sorted(folder.iterdir())
    rows = _newest(files, planted.stream)
    for first, second in zip(rows[::2], rows[1::2], strict=False):
        second.update({name: first[name] for name in planted.copied})
    for row in rows:
        planted.change(row)
    schema = pq.read_schema(files[0]) if files[0].suffix == ".parquet" else None
    write_rows(folder / f"2026-07-10_planted{files[0].suffix}", rows, schema)
    return sync(home)


def sync_by_command(home: Path) -> SyncVerdict:
    """Run ``cdp sync`` on a home, as a user does."""
    done = subprocess.run(  # noqa: S603 - the project's own command, no shell
        [str(Path(sys.executable).parent / "cdp"), "sync"],
        env={**os.environ, "CDP_HOME": str(home), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    gates = re.findall(r"^\s*gate (\S+) failed", said, re.MULTILINE)
    return SyncVerdict(done.returncode, said, list(dict.fromkeys(gates)))


def _newest(files: Sequence[Path], stream: str) -> list[Row]:
    key, cursor = _KEYS.get(stream, "id"), _CURSORS.get(stream, "updated_at")
    rows = {json.dumps(row[key], default=str): row for file in files for row in read_rows(file)}
    return [{**row, cursor: moved(row[cursor], days=40)} for row in rows.values()]
