"""The gate in front of the pointer: the candidate's Parquet files."""

import duckdb
import pytest

from expectations import check_table, release_gate

PROMISED = {"profile_id": "VARCHAR", "revenue_amount": "DECIMAL(18,2)", "channels": "VARCHAR[]"}


@pytest.fixture
def candidate(tmp_path):
    """The relation of a Parquet file with these columns and two rows."""

    def write(columns):
        file = tmp_path / "profiles.parquet"
        duckdb.execute(f"copy (select {columns} from range(2)) to '{file}' (format parquet)")
        return f"read_parquet('{file}')"

    return write


def test_a_file_with_the_promised_rows_and_columns_passes(warehouse, candidate):
    relation = candidate("'p' as profile_id, 1.5::decimal(18, 2) as revenue_amount, ['web'] as channels, 1 as more")

    assert check_table(warehouse, relation, release_gate("profiles", 2, PROMISED)).is_passed


def test_missing_and_retyped_columns_stop_and_are_named(warehouse, candidate):
    relation = candidate("'p' as profile_id, 1.5::double as revenue_amount")

    (failed,) = check_table(warehouse, relation, release_gate("profiles", 2, PROMISED)).failed("critical")

    assert failed.observed_value == 2
    assert failed.sample_keys == (
        "channels (missing)",
        "revenue_amount (double instead of decimal(18,2))",
    )


@pytest.mark.parametrize("row_count", [0, 1, 3], ids=["surplus_over_none", "surplus", "lost_row"])
def test_another_number_of_rows_than_the_warehouse_stops(warehouse, candidate, row_count):
    relation = candidate("'p' as profile_id")
    gate = release_gate("profiles", row_count, {"profile_id": "VARCHAR"})

    (failed,) = check_table(warehouse, relation, gate).failed("critical")

    assert (failed.check_name, failed.observed_value) == ("as many rows as the warehouse", 2)
    assert failed.threshold == f"exactly {row_count}"


@pytest.mark.parametrize("key", [("profile_id",), ("profile_id", "channel")], ids=["one_column", "two_columns"])
def test_a_key_in_two_rows_stops_and_is_not_shown(warehouse, candidate, key):
    relation = candidate("'p' as profile_id, 'web' as channel")

    (failed,) = check_table(warehouse, relation, release_gate("profiles", 2, {}, key)).failed("critical")

    assert (failed.check_name, failed.failed_row_count) == ("no key stands in two rows", 2)
    assert failed.sample_keys == ()


def test_a_file_that_is_not_there_fails_closed(warehouse, tmp_path):
    result = check_table(warehouse, f"read_parquet('{tmp_path}/none.parquet')", release_gate("profiles", 0, {}))

    assert not result.is_passed
    assert {each.broken_by for each in result.outcomes} == {"IOException"}
