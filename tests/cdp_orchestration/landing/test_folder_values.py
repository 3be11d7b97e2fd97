"""A value that a partitioned export has in the name of a folder alone is the value of each row below."""

import pytest


def row(feed, number, **changes):
    given = feed.row(number, **changes)
    return {name: value for name, value in given.items() if name not in ("city", "country")}


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".jsonl"])
@pytest.mark.parametrize("count", [1, 20_000])
def test_a_folder_gives_each_row_the_value_of_its_name(feed_of, ending, count):
    stores = feed_of("in_store_stores")
    stores.deliver(f"Country=DE/city=Bad%20T%C3%B6lz/a{ending}", [row(stores, n) for n in range(count)])
    stores.land()
    assert set(stores.landed("country, city")) == {("DE", "Bad Tölz")}
    assert stores.refusals() == []


def test_a_folder_without_a_value_gives_none_and_what_the_file_has_counts_more(feed_of):
    stores = feed_of("in_store_stores")
    stores.deliver("country=__HIVE_DEFAULT_PARTITION__/a.jsonl", [row(stores, 1)])
    stores.deliver("country=DE/b.jsonl", [row(stores, 2) | {"country": "AT"}])
    stores.deliver("year=2026/c.jsonl", [row(stores, 3)])
    stores.land()
    assert stores.landed("country") == [("AT",), (None,), (None,)]


def test_the_value_of_a_folder_goes_through_the_contract(loyalty_members):
    loyalty_members.deliver("enrolled_at=soon/a.parquet", [
        {name: value for name, value in loyalty_members.row(n).items() if name != "enrolled_at"} for n in (1, 2)
    ])  # fmt: skip
    loyalty_members.land()
    assert loyalty_members.refusals() == [("enrolled_at=soon/a.parquet", None, "enrolled_at", "retyped_column")]
