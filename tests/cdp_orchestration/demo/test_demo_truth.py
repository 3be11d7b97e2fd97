"""The truth covers exactly the person records of the files."""

import csv
from pathlib import Path

import pytest
from demo_streams import DEMO_STREAMS

from cdp_orchestration.demo import DROP_COUNT, write_demo

PERSON_RECORDS = """
select 'crm', 'contact', "Id" from newest_crm_contacts
union all select 'ecommerce', 'customer', id from newest_ecommerce_customers
union all select 'ecommerce', 'guest_order', id from newest_ecommerce_orders where customer is null
    or customer::varchar = 'null'
union all select distinct 'ecommerce', 'anonymous_visitor', "anonymousId" from newest_ecommerce_events
union all select 'in_store', 'loyalty_member', member_id from newest_in_store_loyalty_members
union all select distinct 'in_store', 'payment_card', card_fingerprint from newest_in_store_transactions
    where card_fingerprint is not null
union all select 'in_store', 'receipt', transaction_id from newest_in_store_transactions
    where loyalty_number is null and card_fingerprint is null
    and (receipt_email is not null or receipt_phone is not null)
union all select 'support', 'user', id from newest_support_users
union all select 'support', 'survey_respondent', response_id from newest_support_survey_responses
    where email is not null and user_id is null
"""


def truth_of(path: Path) -> set[tuple[str, ...]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {tuple(row.values()) for row in csv.DictReader(file)}


def test_the_truth_covers_every_person_record_once_and_no_other(query):
    found = query(PERSON_RECORDS)
    covered = query("select source_system, source_record_type, source_record_id from truth")
    assert len(covered) == len(set(covered))
    assert set(covered) == set(found)


def test_all_kinds_of_person_records_occur(query):
    assert query("select count(distinct (source_system, source_record_type)) from truth") == [(9,)]


def test_a_visitor_without_an_identifier_is_not_linkable(query):
    visitors = """select "anonymousId",
        bool_or("userId" is not null or traits::varchar not in ('{}', 'null')) as has_identifier
        from ecommerce_events group by all"""
    wrong = f"""select count(*) from truth join ({visitors}) on source_record_id = "anonymousId"
        where is_linkable != has_identifier::varchar and source_record_type = 'anonymous_visitor'"""
    assert query(wrong) == [(0,)]
    values = query("select distinct is_linkable from truth where source_record_type = 'anonymous_visitor'")
    assert sorted(values) == [("false",), ("true",)]


def test_a_card_without_loyalty_number_or_receipt_is_not_linkable(query):
    cards = """select card_fingerprint from in_store_transactions group by all
        having count(loyalty_number) + count(receipt_email) + count(receipt_phone) = 0"""
    values = query(f"select distinct is_linkable from truth where source_record_id in ({cards})")
    assert values == [("false",)]


def test_a_demo_delivered_drop_by_drop_has_the_truth_of_one_written_at_once(tmp_path):
    once, growing = tmp_path / "once", []
    write_demo(once / "inbox", once / "truth.csv", customers=80)
    for drop in range(DROP_COUNT):
        write_demo(tmp_path / "inbox", tmp_path / "truth.csv", customers=80, drops=(drop,))
        growing.append({row[:3] for row in truth_of(tmp_path / "truth.csv")})
    assert growing[0] < growing[1] <= growing[2] <= growing[3]
    assert (tmp_path / "truth.csv").read_bytes() == (once / "truth.csv").read_bytes()


def test_a_first_load_is_one_file_per_stream_and_its_truth_only(tmp_path):
    summary = write_demo(tmp_path / "inbox", tmp_path / "truth.csv", customers=80, drops=(0,))
    files = [path for path in (tmp_path / "inbox").rglob("*") if path.is_file()]
    assert all(path.name.startswith("2026-06-01_") for path in files)
    assert len(files) == summary.files == len(DEMO_STREAMS)
    assert len(truth_of(tmp_path / "truth.csv")) == summary.person_records


@pytest.mark.parametrize(("customers", "drops"), [(0, None), (10, ()), (10, (DROP_COUNT,))])
def test_a_drop_that_does_not_exist_or_an_empty_size_is_refused(tmp_path, customers, drops):
    with pytest.raises(ValueError, match="expected at least one customer"):
        write_demo(tmp_path / "inbox", tmp_path / "truth.csv", customers=customers, drops=drops)
    assert list(tmp_path.iterdir()) == []
