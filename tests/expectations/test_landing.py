"""The gate between a stream's landed rows and staging."""

import pytest

from expectations import LoadCounts, landing_gate

COLUMNS = (
    '"Id" varchar, "SystemModstamp" timestamp, _batch_id varchar, _loaded_at timestamp, _source_file varchar, '
    "_source_line bigint, _row_hash varchar, _extra varchar"
)
LOADED_AT = "2026-06-01 06:00"
CONTACTS = landing_gate("crm_contacts", ("Id",), "SystemModstamp")


def landed(line, **changes):
    return {
        "Id": f"003{line}",
        "SystemModstamp": f"2026-05-{line:02}",
        "_batch_id": "b1",
        "_loaded_at": LOADED_AT,
        "_source_file": "contacts.csv",
        "_source_line": line,
        **changes,
    }


def test_good_rows_and_older_versions_of_a_key_pass(store, failures):
    store("landing.crm_contacts", COLUMNS, landed(2), landed(3, Id="0032"))

    assert failures(CONTACTS) == {}


def test_an_empty_stream_passes(store, failures):
    store("landing.crm_contacts", COLUMNS)

    assert failures(CONTACTS) == {}


def test_rows_without_key_or_cursor_stop_and_are_named_by_file_and_line(store, failures):
    store(
        "landing.crm_contacts",
        COLUMNS,
        landed(2),
        landed(3, Id=None),
        landed(4, Id="  "),
        landed(5, SystemModstamp=None),
    )

    assert failures(CONTACTS) == {
        "key is filled": ("critical", 2, ("contacts.csv/3", "contacts.csv/4")),
        "cursor is filled": ("critical", 1, ("contacts.csv/5",)),
    }


def test_a_line_that_landed_twice_in_one_batch_stops(store, failures):
    store("landing.crm_contacts", COLUMNS, landed(2), landed(2), landed(2, _batch_id="b2"))

    assert failures(CONTACTS) == {"no line landed twice": ("critical", 2, ("contacts.csv/2",))}


def test_undeclared_columns_and_cursors_in_the_future_only_warn(store, failures):
    store("landing.crm_contacts", COLUMNS, landed(2, _extra='{"Fax": "1"}'), landed(3, SystemModstamp="2026-06-04"))

    assert failures(CONTACTS) == {
        "no undeclared column": ("warning", 1, ("contacts.csv/2",)),
        "cursor is not in the future": ("warning", 1, ("contacts.csv/3",)),
    }


def test_a_key_of_two_columns_needs_both_and_no_cursor(store, failures):
    items = landing_gate("in_store_transaction_items", ("transaction_id", "line_no"))
    columns = (
        "transaction_id varchar, line_no bigint, _batch_id varchar, _loaded_at timestamp, _source_file varchar, "
        "_source_line bigint, _extra varchar"
    )
    place = {"_batch_id": "b1", "_loaded_at": LOADED_AT, "_source_file": "items.parquet"}
    store(
        "landing.in_store_transaction_items",
        columns,
        {"transaction_id": "t1", "line_no": 1, "_source_line": 1, **place},
        {"transaction_id": "t1", "line_no": None, "_source_line": 2, **place},
    )

    assert failures(items) == {"key is filled": ("critical", 1, ("items.parquet/2",))}


def test_refused_rows_and_files_warn_with_their_counts_and_never_stop(store, check):
    store("landing.crm_contacts", COLUMNS, landed(2))
    load = LoadCounts(rows_landed=1, rows_refused=3, values_refused=4, files_refused=2)

    result = check(landing_gate("crm_contacts", ("Id",), "SystemModstamp", load=load))

    assert result.is_passed
    assert {each.check_name: each.observed_value for each in result.failed("warning")} == {
        "no row was refused": 3,
        "no value was refused": 4,
        "no file was refused": 2,
        "refused share of rows is small": 0.75,
    }


@pytest.mark.parametrize("rows_landed", [0, 7], ids=["nothing_delivered", "everything_taken"])
def test_a_clean_load_raises_no_warning(store, failures, rows_landed):
    store("landing.crm_contacts", COLUMNS)
    load = LoadCounts(rows_landed=rows_landed, rows_refused=0, values_refused=0, files_refused=0)

    assert failures(landing_gate("crm_contacts", ("Id",), "SystemModstamp", load=load)) == {}
