"""Deliveries are compared one by one: what waits is neither diluted by what comes after it, nor in its way."""

import json
from pathlib import Path

import pytest

from cdp_orchestration.figures.acceptance import accept_run, accepted_files, waiting_figures
from cdp_orchestration.figures.comparing import Comparison, compare_deliveries
from cdp_orchestration.figures.store import accepted_batches
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import land_stream
from cdp_orchestration.repair.warehouse import repair_warehouse
from cdp_orchestration.sources import declared_stream

CUSTOMERS = "ecommerce/customers"
SUBJECT = "landing.ecommerce_customers"


def _deliver(home: Path, day: int, ids: range, *, email: str | None = "{id}@example.org") -> None:
    rows = [
        {
            "id": number,
            "email": email and email.format(id=number),
            "first_name": f"Given {number % 40}",
            "last_name": f"Family {number % 60}",
            "created_at": f"2026-05-{1 + number % 28:02}T09:00:00Z",
            "updated_at": f"2026-06-{day:02}T09:00:00Z",
        }
        for number in ids
    ]
    path = home / "inbox" / CUSTOMERS / f"2026-06-{day:02}_customers.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")


def _compared(home: Path, run_id: str) -> Comparison:
    settings = Settings(home)
    stream = declared_stream(CUSTOMERS, settings)
    land_stream(stream, settings)
    with open_warehouse(settings.warehouse) as connection:
        files = accepted_files(settings, SUBJECT)
        return compare_deliveries(connection, stream, run_id, released_at=None, accepted_files=files)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home with a healthy delivery, and a damaged one that waits."""
    home = tmp_path / "home"
    _deliver(home, 1, range(1_000))
    assert _compared(home, "first run").is_credible
    _deliver(home, 2, range(1_000, 1_100), email=None)
    assert not _compared(home, "second run").is_credible
    return home


def test_a_large_healthy_delivery_does_not_let_a_damaged_one_through_that_waits(home: Path) -> None:
    _deliver(home, 3, range(2_000, 5_000))
    found = _compared(home, "third run")
    assert not found.is_credible
    assert {each.figure.of for each in found.figures if not each.is_credible} == {"email"}


def test_a_healthy_delivery_counts_while_another_one_waits(home: Path) -> None:
    _deliver(home, 3, range(2_000, 5_000))
    _compared(home, "third run")
    with open_warehouse(Settings(home).warehouse) as connection:
        found = accepted_batches(connection) or set()
        files = connection.execute(
            "select source_file from operations.landing_batches where list_contains(?, batch_id) order by 1",
            [sorted(found)],
        ).fetchall()
    assert files == [("2026-06-01_customers.jsonl",), ("2026-06-03_customers.jsonl",)]


def test_newer_versions_of_all_its_rows_end_the_waiting_of_a_delivery(home: Path) -> None:
    _deliver(home, 3, range(1_000, 1_100))
    assert _compared(home, "third run").is_credible
    with open_warehouse(Settings(home).warehouse) as connection:
        assert waiting_figures(connection) == []


def test_the_same_damage_delivered_again_does_not(home: Path) -> None:
    _deliver(home, 3, range(1_000, 1_100), email=None)
    found = _compared(home, "third run")
    assert [each.figure.of for each in found.figures if not each.is_credible].count("email") == 2


def test_older_versions_of_its_rows_do_not(home: Path) -> None:
    _deliver(home, 1, range(1_100))
    assert not _compared(home, "third run").is_credible


def test_rows_that_are_older_than_accepted_ones_harm_no_one(tmp_path: Path) -> None:
    _deliver(tmp_path, 5, range(1_000))
    assert _compared(tmp_path, "first run").is_credible
    _deliver(tmp_path, 2, range(500), email=None)
    assert _compared(tmp_path, "second run").is_credible


def test_an_accepted_file_counts_though_the_warehouse_that_knew_it_is_lost(home: Path) -> None:
    settings = Settings(home)
    with open_warehouse(settings.warehouse) as connection:
        accept_run(connection, "second run", settings, by="ada", why="a campaign on paper")
    settings.warehouse.unlink()
    assert [each.found for each in repair_warehouse(settings)] == ["is missing"]
    _deliver(home, 3, range(3_000, 4_000))
    assert accepted_files(settings, SUBJECT).pop()[0] == "2026-06-02_customers.jsonl"
    assert _compared(home, "a new run").is_credible
