"""The same demo is the same bytes, whichever process generates it."""

from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

import duckdb
import pytest

from cdp_orchestration.demo import write_demo
from cdp_orchestration.demo.chunks import ChunkPlan, generate_chunk


def fingerprints(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in files}


def make(folder: Path, **settings: int) -> dict[str, str]:
    write_demo(folder / "inbox", folder / "truth.csv", **settings)
    return fingerprints(folder)


def test_the_same_customers_and_seed_give_the_same_bytes(demo, tmp_path):
    folder, _ = demo
    assert make(tmp_path, customers=1000, seed=7) == fingerprints(folder)


def test_another_seed_gives_other_people(tmp_path):
    one, other = make(tmp_path / "one", customers=30, seed=7), make(tmp_path / "other", customers=30, seed=8)
    contacts = "inbox/crm/contacts/2026-06-01_contacts.csv"
    assert one["truth.csv"] != other["truth.csv"]
    assert one[contacts] != other[contacts]


def test_writing_over_an_older_demo_leaves_the_new_one(tmp_path):
    fresh = make(tmp_path / "fresh", customers=80, seed=7)
    make(tmp_path / "used", customers=80, seed=8)
    over = make(tmp_path / "used", customers=80, seed=7)
    assert over == over | fresh


@pytest.mark.slow
def test_a_chunk_is_the_same_when_another_process_generates_it():
    drops = (0, 1, 2, 3)
    plan = ChunkPlan(seed=7, customers=3_000, chunk=2, written_drops=drops, truth_drops=drops)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        there = pool.submit(generate_chunk, plan).result()
    here = generate_chunk(plan)
    assert there.truth == here.truth
    assert there.payloads == here.payloads


def test_more_customers_bring_more_of_everything(tmp_path, demo):
    _, large = demo
    small = write_demo(tmp_path / "inbox", tmp_path / "truth.csv", customers=250)
    assert 3 < large.person_records / small.person_records < 5
    assert 3 < large.interactions / small.interactions < 5


@pytest.mark.slow
def test_chunks_share_no_key_and_no_mailbox(tmp_path):
    write_demo(tmp_path / "inbox", tmp_path / "truth.csv", customers=2_600)
    with duckdb.connect() as connection:
        truth = f"read_csv('{tmp_path}/truth.csv', all_varchar = true)"
        twice = (
            f"select 1 from {truth} group by source_system, source_record_type, source_record_id having count(*) > 1"
        )
        assert connection.execute(twice).fetchall() == []
        contacts = f"read_csv('{tmp_path}/inbox/crm/contacts/*.csv', all_varchar = true)"
        # P0000000 to P0001250 and so on are the chunks: no mailbox is in two of them
        shared = f"""select lower("Email") from {contacts} join {truth} on source_record_id = "Id"
            where "Email" like '%@%' and "Email" not in ('none@none.com', 'test@test.com', 'noemail@noemail.com',
            'na@na.com') group by all having count(distinct (person_id[2:]::int - 1) // 1250) > 1"""
        assert connection.execute(shared).fetchall() == []
