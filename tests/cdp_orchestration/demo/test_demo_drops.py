"""Later drops hold new, changed and deleted rows, duplicates, and rows that are late or out of order."""

import pytest
from demo_streams import DEMO_STREAMS

DAY_OF_FILE = "regexp_extract(filename, '([0-9-]{10})_', 1)"
WITH_CURSOR = [stream for stream in DEMO_STREAMS if stream.cursor]
CHANGING = [stream for stream in WITH_CURSOR if stream.name not in ("events", "transactions", "survey_responses")]


def count(query, sql: str) -> int:
    return query(f"select count(*) from ({sql})")[0][0]


def stamp(column: str) -> str:
    return f'"{column}"::varchar::timestamptz'


@pytest.mark.parametrize("stream", WITH_CURSOR, ids=lambda stream: stream.table)
def test_no_file_holds_a_time_after_its_own_day(query, stream):
    assert count(query, f"from {stream.table} where {stamp(stream.cursor)} >= {DAY_OF_FILE}::timestamptz") == 0


@pytest.mark.parametrize("stream", CHANGING, ids=lambda stream: stream.table)
def test_rows_change_between_drops(query, stream):
    key = ", ".join(f'"{name}"' for name in stream.key)
    changed = f'select {key} from {stream.table} group by all having count(distinct "{stream.cursor}") > 1'
    if stream.name != "accounts":  # too few in a demo of this size
        assert count(query, changed) > 0


@pytest.mark.parametrize("table", ["ecommerce_events", "in_store_transactions", "ecommerce_orders"])
def test_some_rows_are_delivered_twice_unchanged(query, table):
    assert count(query, f"select * exclude (filename) from {table} group by all having count(*) > 1") > 0


def test_some_events_arrive_in_a_later_drop(query):
    late = f"""from ecommerce_events where {DAY_OF_FILE} >= '2026-06-10'
        and "receivedAt" < '2026-05-01' and "messageId" not in
        (select "messageId" from ecommerce_events where {DAY_OF_FILE} = '2026-06-01')"""
    assert count(query, late) > 0


def test_older_versions_arrive_after_newer_ones(query):
    overtaken = f"""select a.id from ecommerce_orders a join ecommerce_orders b using (id)
        where regexp_extract(a.filename, '([0-9-]{{10}})_', 1) < regexp_extract(b.filename, '([0-9-]{{10}})_', 1)
        and a.updated_at > b.updated_at union all
        select a.id from ecommerce_customers a join ecommerce_customers b using (id)
        where {DAY_OF_FILE.replace("filename", "a.filename")} < {DAY_OF_FILE.replace("filename", "b.filename")}
        and a.updated_at > b.updated_at"""
    assert count(query, overtaken) > 0


def test_contacts_and_members_are_deleted_in_later_drops(query):
    contacts = f"""select "Id" from newest_crm_contacts where "IsDeleted" = 'true' and {DAY_OF_FILE} > '2026-06-01'"""
    members = f"from newest_in_store_loyalty_members where deleted_at is not null and {DAY_OF_FILE} > '2026-06-01'"
    assert count(query, contacts) + count(query, members) > 0
    assert count(query, "from newest_crm_contacts where \"IsDeleted\" = 'true'") > 0
    assert count(query, "from newest_in_store_loyalty_members where deleted_at is not null") > 0


def test_later_drops_bring_new_people(query):
    new = f"""select "Id" from crm_contacts group by all having min({DAY_OF_FILE}) > '2026-06-01' union all
        select id from ecommerce_customers group by all having min({DAY_OF_FILE}) > '2026-06-01'"""
    assert count(query, new) > 3
