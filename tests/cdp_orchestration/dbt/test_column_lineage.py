"""The columns that a column is computed from are read from the query; what cannot be read is left out."""

import json
from pathlib import Path

from cdp_orchestration.dbt.column_lineage import LineageCache, column_lineage

COLUMNS = {"staging.orders": ["order_id", "amount", "buyer"], "staging.refunds": ["order_id", "reason"]}
ORDERS, REFUNDS = '"warehouse"."staging"."orders"', '"warehouse"."staging"."refunds"'


def test_a_column_comes_from_each_column_of_its_expression() -> None:
    lineage = column_lineage(f"select order_id, amount || buyer as label from {ORDERS}", COLUMNS)
    assert lineage == {
        "order_id": ["staging.orders.order_id"],
        "label": ["staging.orders.amount", "staging.orders.buyer"],
    }


def test_a_star_is_followed_through_the_parts_of_a_query() -> None:
    lineage = column_lineage(f"with paid as (select * from {ORDERS}) select * exclude (buyer) from paid", COLUMNS)
    assert lineage == {"order_id": ["staging.orders.order_id"], "amount": ["staging.orders.amount"]}


def test_a_union_by_name_joins_columns_of_one_name() -> None:
    query = f"with parts as (select * from {ORDERS} union all by name select * from {REFUNDS}) select * from parts"
    assert column_lineage(query, COLUMNS) == {
        "order_id": ["staging.orders.order_id", "staging.refunds.order_id"],
        "amount": ["staging.orders.amount"],
        "buyer": ["staging.orders.buyer"],
        "reason": ["staging.refunds.reason"],
    }


def test_names_are_written_as_their_tables_write_them() -> None:
    query = 'select lower("Email") as email from "warehouse"."landing"."contacts"'
    assert column_lineage(query, {"landing.contacts": ["Id", "Email"]}) == {"email": ["landing.contacts.Email"]}


def test_a_constant_and_a_count_come_from_no_column() -> None:
    assert column_lineage(f"select 'shop' as source, count(*) as order_count from {ORDERS}", COLUMNS) == {}


def test_what_cannot_be_followed_is_left_out_instead_of_guessed() -> None:
    unpivoted = f"unpivot (select order_id, buyer from {ORDERS}) on buyer into name field value raw_value"
    assert column_lineage(f"with listed as ({unpivoted}) select field, raw_value from listed", COLUMNS) == {}
    assert column_lineage("select from from", COLUMNS) == {}
    itself = f"with recursive r as (select * from {ORDERS} union all by name select * from r) select * from r"
    assert column_lineage(itself, COLUMNS) == {}


def test_a_query_is_read_once_until_it_or_the_columns_it_reads_change(tmp_path: Path) -> None:
    file, queries = tmp_path / "target" / "lineage.json", {"orders": f"select buyer from {ORDERS}"}
    LineageCache(file).lineages(queries, COLUMNS)
    ((key, read),) = json.loads(file.read_text(encoding="utf-8")).items()
    assert read == {"buyer": ["staging.orders.buyer"]}

    file.write_text(json.dumps({key: {"buyer": ["as", "kept"]}}), encoding="utf-8")
    assert LineageCache(file).lineages(queries, COLUMNS) == {"orders": {"buyer": ["as", "kept"]}}
    more = {**COLUMNS, "staging.orders": ["buyer"]}
    assert LineageCache(file).lineages(queries, more) == {"orders": {"buyer": ["staging.orders.buyer"]}}


def test_a_file_that_was_cut_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "lineage.json"
    file.write_text('{"cut', encoding="utf-8")
    query = {"orders": f"select buyer from {ORDERS}"}
    assert LineageCache(file).lineages(query, COLUMNS) == {"orders": {"buyer": ["staging.orders.buyer"]}}
    assert LineageCache(file).lineages(query, COLUMNS) == {"orders": {"buyer": ["staging.orders.buyer"]}}
