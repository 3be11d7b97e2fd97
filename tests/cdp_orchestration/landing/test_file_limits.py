"""What one file may cost: beyond it the file is refused with its reason, and the other files of the stream land."""

import gzip
import os
import shutil

import duckdb
import pytest

from cdp_orchestration.landing import batches, small_files
from cdp_orchestration.landing.files import archives, parquet_files, text_blocks

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def small_lines(monkeypatch):
    """Let a tiny file pass the size up to which the ratio is not asked."""
    for module in (archives, text_blocks):
        monkeypatch.setattr(module, "MAX_LINE_BYTES", 64 * 1024)


@pytest.mark.parametrize("name", ["bomb.csv.gz", "bomb.jsonl.gz", "bomb.parquet.gz"])
def test_a_gzip_file_that_unpacks_to_many_times_its_size_is_refused_alone(contacts, name):
    contacts.deliver(name, gzip.compress(b"\n" * 40 * MIB))
    contacts.deliver("good.jsonl", contacts.rows(2))
    contacts.land()
    assert contacts.refusals() == [(name, None, None, "unpacked_too_large")]
    assert contacts.lines() == [("good.jsonl", 1), ("good.jsonl", 2)]


def test_a_gzip_file_larger_than_the_limit_of_one_file_is_refused_alone(contacts, monkeypatch):
    monkeypatch.setattr(archives, "MAX_UNPACKED_BYTES", 1000)
    contacts.deliver("a.jsonl.gz", contacts.rows(20))
    contacts.deliver("b.jsonl", contacts.rows(20, first=50))
    contacts.land()
    assert contacts.refusals() == [("a.jsonl.gz", None, None, "unpacked_too_large")]
    assert len(contacts.lines()) == 20


def test_parquet_in_gzip_takes_only_its_share_of_the_temporary_space(loyalty_members, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(archives.shutil, "disk_usage", lambda _: usage._replace(free=500))
    loyalty_members.deliver("a.parquet.gz", loyalty_members.rows(3))
    loyalty_members.deliver("b.parquet", loyalty_members.rows(3, first=50))
    loyalty_members.land()
    assert loyalty_members.refusals() == [("a.parquet.gz", None, None, "unpacked_too_large")]
    assert len(loyalty_members.lines()) == 3


def test_a_full_temporary_space_refuses_the_file_until_the_next_run(loyalty_members, monkeypatch):
    def full(*_):
        raise OSError(28, os.strerror(28))

    loyalty_members.deliver("a.parquet.gz", loyalty_members.rows(3))
    with monkeypatch.context() as patched:
        patched.setattr(archives.shutil, "copyfileobj", full)
        assert loyalty_members.land().files_refused == 1
    assert loyalty_members.refusals() == [("a.parquet.gz", None, None, "no_temporary_space")]
    assert loyalty_members.land().files_landed == 1


def test_parquet_that_declares_more_than_one_file_may_hold_is_refused_alone(loyalty_members, monkeypatch):
    monkeypatch.setattr(parquet_files, "MAX_UNPACKED_BYTES", 100)
    loyalty_members.deliver("a.parquet", loyalty_members.rows(3))
    loyalty_members.deliver("b.jsonl", loyalty_members.rows(3, first=50))
    loyalty_members.land()
    assert loyalty_members.refusals() == [("a.parquet", None, None, "unpacked_too_large")]
    assert len(loyalty_members.lines()) == 3


def test_a_file_that_the_engine_cannot_hold_is_refused_alone_and_tried_again(contacts, monkeypatch):
    checked = batches.check_rows

    def out_of_memory(engine, raw, *rest):
        if raw.table.num_rows >= 7:
            raise duckdb.OutOfMemoryException("could not allocate")
        return checked(engine, raw, *rest)

    contacts.deliver("a.jsonl", contacts.rows(7))
    contacts.deliver("b.jsonl", contacts.rows(3, first=50))
    with monkeypatch.context() as patched:
        patched.setattr(batches, "check_rows", out_of_memory)
        patched.setattr(small_files, "check_rows", out_of_memory)
        contacts.land()
    assert contacts.refusals() == [("a.jsonl", None, None, "not_processable")]
    assert len(contacts.lines()) == 3
    assert contacts.land().rows_landed == 7
