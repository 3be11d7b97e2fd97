"""A damaged file of landed rows is put aside, a lost ledger comes back, and what is lost for good is named."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cdp_orchestration.errors import DamagedWarehouseError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse, read_warehouse
from cdp_orchestration.landing import BatchLostError, land_stream
from cdp_orchestration.landing.storage.ledger import LedgerEntry, read_ledger
from cdp_orchestration.landing.storage.ledger_copy import copy_path
from cdp_orchestration.landing.storage.stored_hashes import has_other_content, hashes_path, read_hashes
from cdp_orchestration.repair.landed_batches import repair_batches, repair_ledger
from cdp_orchestration.repair.repaired import Repair
from cdp_orchestration.repair.warehouse import repair_warehouse
from cdp_orchestration.sources import shipped_streams

STORES = next(stream for stream in shipped_streams() if stream.table == "in_store_stores")
VALUES = {"decimal": "1.50", "boolean": "true", "date": "2026-01-02", "timestamp": "2026-01-02T03:04:05Z", "json": "{}"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home in which one delivery of three stores has landed."""
    settings = Settings(tmp_path)
    rows = [[VALUES.get(field.type, str(number)) for field in STORES.fields] for number in range(3)]
    lines = [[field.name for field in STORES.fields], *rows]
    delivery = _delivery(settings)
    delivery.parent.mkdir(parents=True)
    delivery.write_text("".join(",".join(line) + "\n" for line in lines), encoding="utf-8")
    assert land_stream(STORES, settings).rows_landed == 3
    return settings


def _delivery(settings: Settings) -> Path:
    return settings.inbox / "in_store" / "stores" / "stores.csv"


def _batch(settings: Settings) -> Path:
    (batch,) = settings.landing.glob("*/*/*.parquet")
    return batch


def _repaired(settings: Settings) -> list[Repair]:
    replaced = list(repair_warehouse(settings))
    with open_warehouse(settings.warehouse) as connection:
        of_ledger = list(repair_ledger(connection, settings, is_new=bool(replaced)))
        return [*replaced, *of_ledger, *repair_batches(connection, settings)]


def _rows(settings: Settings) -> int:
    with read_warehouse(settings.warehouse) as connection:
        return int(connection.execute("select count(*) from landing.in_store_stores").fetchall()[0][0])


def _ledger(settings: Settings) -> list[LedgerEntry]:
    with read_warehouse(settings.warehouse) as connection:
        return read_ledger(connection)


def _flip(whole: bytes) -> bytes:
    # A byte of the footer, which no checksum of a page covers
    return whole[:-60] + bytes([whole[-60] ^ 255]) + whole[-59:]


@pytest.mark.parametrize("damaged", [lambda whole: whole[:-50], lambda _: b"", _flip])
def test_a_damaged_batch_is_put_aside_and_lands_again(settings: Settings, damaged: Callable[[bytes], bytes]) -> None:
    batch = _batch(settings)
    batch.write_bytes(damaged(batch.read_bytes()))
    (repair,) = _repaired(settings)
    assert repair.is_mended
    assert "`cdp sync` lands 1 file of the inbox again" in repair.done
    assert not batch.exists()
    assert land_stream(STORES, settings).rows_landed == 3
    assert _rows(settings) == 3
    assert _repaired(settings) == []


def test_a_batch_whose_delivery_is_gone_is_named_until_it_is_delivered(settings: Settings) -> None:
    delivered = _delivery(settings).read_bytes()
    _delivery(settings).unlink()
    _batch(settings).unlink()
    (repair,) = _repaired(settings)
    assert not repair.is_mended
    assert "in_store/stores/stores.csv" in repair.done
    with pytest.raises(BatchLostError, match="cdp source withdraw"):
        land_stream(STORES, settings)
    _delivery(settings).write_bytes(delivered)
    assert land_stream(STORES, settings).rows_landed == 3


def test_refusals_that_are_gone_are_refused_again(settings: Settings) -> None:
    without_key = ("" if field.name in STORES.key else VALUES.get(field.type, "4") for field in STORES.fields)
    with _delivery(settings).open("a", encoding="utf-8") as delivery:
        delivery.write(",".join(without_key) + "\n")
    land_stream(STORES, settings)
    (refusals,) = settings.quarantine.glob("*/*/*.parquet")
    refusals.unlink()
    (repair,) = _repaired(settings)
    assert repair.what.startswith("quarantine/in_store/stores/")
    assert land_stream(STORES, settings).rows_refused == 1
    assert _repaired(settings) == []


def test_a_lost_warehouse_is_never_filled_from_the_inbox_alone(settings: Settings) -> None:
    settings.warehouse.unlink()
    with pytest.raises(DamagedWarehouseError, match="cdp repair"):
        land_stream(STORES, settings)
    _delivery(settings).unlink()
    (repair,) = _repaired(settings)
    assert (repair.what, repair.found) == ("warehouse.duckdb", "is missing")
    land_stream(STORES, settings)
    assert _rows(settings) == 3


def test_a_repair_that_was_killed_before_the_new_warehouse_had_its_name_begins_again(settings: Settings) -> None:
    before = _ledger(settings)
    settings.warehouse.rename(settings.home / "warehouse.duckdb.damaged")
    (settings.home / "warehouse.duckdb.tmp").write_bytes(b"half written")
    assert [repair.found for repair in _repaired(settings)] == ["is missing"]
    assert _ledger(settings) == before
    assert not (settings.home / "warehouse.duckdb.tmp").exists()


def test_entries_that_the_log_of_the_warehouse_lost_come_back_from_the_copy(settings: Settings) -> None:
    before = _ledger(settings)
    with open_warehouse(settings.warehouse) as connection:
        connection.execute("delete from operations.landing_batches")
    (repair,) = _repaired(settings)
    assert repair.what == "operations.landing_batches"
    assert _ledger(settings) == before


def test_a_copy_of_the_ledger_that_was_cut_is_written_again(settings: Settings) -> None:
    copy = copy_path(settings)
    whole = copy.read_bytes()
    copy.write_bytes(whole[:-20])
    (repair,) = _repaired(settings)
    assert repair.what == "landing/ledger.jsonl"
    assert copy.read_bytes() == whole
    assert _repaired(settings) == []


def test_what_neither_ledger_nor_inbox_know_is_named(settings: Settings) -> None:
    copy_path(settings).unlink()
    settings.warehouse.unlink()
    _delivery(settings).unlink()
    lost = [repair for repair in _repaired(settings) if not repair.is_mended]
    assert ["in_store/stores/stores.csv" in repair.done for repair in lost] == [True]


def test_a_file_keeps_its_hash_until_it_is_written_again(settings: Settings) -> None:
    batch = _batch(settings)
    batch.write_bytes(_flip(batch.read_bytes()))
    _delivery(settings).touch()  # the same content at another time: the entry is recorded again, the batch is not
    land_stream(STORES, settings)
    assert has_other_content(settings, batch, read_hashes(settings))


def test_a_home_of_an_earlier_version_gets_hashes_with_its_next_delivery(settings: Settings) -> None:
    known = read_hashes(settings)
    hashes_path(settings).unlink()
    land_stream(STORES, settings)
    assert read_hashes(settings) == known
