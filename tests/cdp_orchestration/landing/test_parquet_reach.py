"""Parquet holds times and numbers that no later stage does: they cost their own row, or a column that is named."""

import io
from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

FAR = 2**62


def deliver(feed, **columns):
    rows = {name: pa.array([feed.row(n)[name] for n in (1, 2, 3)]) for name in ("store_id", "name")}
    content = io.BytesIO()
    pq.write_table(pa.table({**rows, **columns}), content)
    feed.deliver("a.parquet", content.getvalue())
    feed.land()


@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_a_time_that_cannot_be_held_is_refused_and_the_other_rows_land(loyalty_members, zone):
    rows = [loyalty_members.row(n) for n in (1, 2, 3)]
    times = pa.array([FAR, 1_767_225_600_123, None], pa.timestamp("ms", zone))
    columns = {name: pa.array([row[name] for row in rows]) for name in rows[0]} | {"enrolled_at": times}
    content = io.BytesIO()
    pq.write_table(pa.table(columns), content)
    loyalty_members.deliver("a.parquet", content.getvalue())
    loyalty_members.land()
    assert [(line, field) for _, line, field, _ in loyalty_members.refusals()] == [(1, "enrolled_at")]
    assert loyalty_members.landed("enrolled_at") == [(datetime.fromisoformat("2026-01-01 00:00:00.123"),), (None,)]


def test_undeclared_times_small_floats_and_wide_decimals_are_kept(feed_of):
    stores = feed_of("in_store_stores")
    deliver(
        stores,
        far=pa.array([FAR, 0, None], pa.timestamp("ms")),
        half=pa.array([1.5, None, 2], pa.float16()),
        wide=pa.array([Decimal("1e40"), None, Decimal("1.5")], pa.decimal256(50, 2)),
    )
    assert stores.refusals() == []
    assert [extra for (extra,) in stores.landed("_extra")] == [
        f'{{"far":"{FAR}","half":1.5,"wide":"1{"0" * 40}.00"}}',
        '{"far":"1970-01-01 00:00:00.000000","half":null,"wide":null}',
        '{"far":null,"half":2.0,"wide":"1.50"}',
    ]


@pytest.mark.parametrize(
    ("kind", "value", "named"),
    [(pa.float16(), 1.0, "odd"), (pa.timestamp("ms"), FAR, None)],
)
def test_a_list_of_what_cannot_be_read_refuses_the_file_and_stops_nothing(feed_of, kind, value, named):
    stores = feed_of("in_store_stores")
    deliver(stores, odd=pa.array([[value], None, []], pa.list_(kind)))
    assert stores.refusals() == [("a.parquet", None, named, "unsupported_type")]
