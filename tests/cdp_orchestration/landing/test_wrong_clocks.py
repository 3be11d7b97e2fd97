"""A time later than its receipt, or from the zero of a clock, is corrected or left out; the row lands and says so."""

from datetime import UTC, datetime, timedelta

import pytest
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

RECEIVED = "2026-03-01T10:00:00Z"
RECEIVED_AT = datetime(2026, 3, 1, 10, 0)  # noqa: DTZ001


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _corrected(feed) -> list[tuple[str, str, int]]:
    """Return field, rule and count of the corrected times of a stream, as they are published."""
    return feed.query(
        "select field, rule, row_count from operations.corrected_times "
        f"where source = '{feed.stream.source}' and stream = '{feed.stream.name}' order by field, rule"
    )


def _times_of(feed, takes_receipt: bool) -> list[str]:
    required = feed.stream.required
    times = [each for each in feed.stream.fields if each.type == "timestamp" and each.name not in required]
    times = [each for each in times if not each.is_of_sender]
    found = [each.name for each in times if (each.takes_receipt and not each.may_be_planned) == takes_receipt]
    if not found:
        pytest.skip("the stream has no such time")
    return found


@pytest.mark.parametrize("written", ["9999-12-31T00:00:00Z", "2999-01-01", "2287-01-01T00:00:00+14:00"])
def test_what_occurred_later_than_it_was_received_occurred_at_its_receipt(every_feed, written):
    names = _times_of(every_feed, takes_receipt=True)
    silent = {each.name: None for each in every_feed.stream.fields if each.is_of_sender}
    late = dict.fromkeys(names, written) | silent
    every_feed.deliver(f"a{every_feed.ending}", [every_feed.row(1, **late), every_feed.row(2)])
    every_feed.land()
    assert [row[2:] for row in every_feed.refusals()] == [(name, "later_than_receipt") for name in sorted(names)]
    assert _corrected(every_feed) == [(name, "time_of_receipt", 1) for name in sorted(names)]
    first, second = (row[1:] for row in every_feed.landed(", ".join(f'"{name}"' for name in ["_source_line", *names])))
    assert first == second  # the rows of a feed were received when everything else in them happened


@pytest.mark.parametrize("written", ["9999-12-31T00:00:00Z", "2999-01-01"])
def test_another_time_that_is_later_than_its_receipt_is_left_out(every_feed, written):
    name = _times_of(every_feed, takes_receipt=False)[0]
    every_feed.deliver(f"a{every_feed.ending}", [every_feed.row(1, **{name: written}), every_feed.row(2)])
    every_feed.land()
    assert len(every_feed.lines()) == 2
    assert [row[2:] for row in every_feed.refusals()] == [(name, "later_than_receipt")]
    assert _corrected(every_feed) == [(name, "left_out", 1)]
    assert [time is None for (time,) in every_feed.landed(f'"{name}"')] == [True, False]


@pytest.mark.parametrize("days", [1, 400])
def test_no_time_of_any_stream_is_later_than_the_receipt_of_its_row(every_feed, days):
    cursor, fields = every_feed.stream.cursor, every_feed.stream.fields
    times = [each for each in fields if each.type == "timestamp" and each.name != cursor and not each.is_of_sender]
    if not times:
        pytest.skip("the stream has no time beside the cursor")
    received = _now().replace(microsecond=0) - timedelta(days=500)
    late = {each.name: _written(received + timedelta(days=days)) for each in times}
    silent = {each.name: None for each in fields if each.is_of_sender}
    row = every_feed.row(1, **{cursor: _written(received)}, **late, **silent)
    every_feed.deliver(f"a{every_feed.ending}", [row])
    every_feed.land()
    (landed,) = every_feed.landed(", ".join(f'"{each.name}"' for each in times))
    assert landed == tuple(received if each.takes_receipt else None for each in times)


def _hours_ahead(hours: float) -> str:
    return _written(_now() + timedelta(hours=hours))


@pytest.mark.parametrize(("hours", "is_deleted"), [(0.05, True), (10, True), (30, False), (24 * 3000, False)])
def test_who_was_deleted_by_a_clock_of_another_zone_is_deleted_and_who_leaves_next_year_is_not(
    loyalty_members, hours, is_deleted
):
    ahead = _hours_ahead(hours)
    loyalty_members.deliver("a.jsonl", [loyalty_members.row(1, deleted_at=ahead, updated_at=ahead)])
    loyalty_members.land()
    ((deleted_at, updated_at, loaded_at),) = loyalty_members.landed("deleted_at, updated_at, _loaded_at")
    assert (deleted_at is not None) == is_deleted
    assert deleted_at in (updated_at, None)
    assert updated_at <= loaded_at + timedelta(minutes=5)


def test_a_cancellation_that_the_shop_wrote_before_it_was_cancelled_took_place_when_it_wrote_it(orders):
    orders.deliver("a.jsonl", [orders.row(1, updated_at="2026-03-01T10:00:00Z", cancelled_at="2026-03-01T13:00:00Z")])
    orders.land()
    assert orders.landed("cancelled_at") == [(RECEIVED_AT,)]
    assert _corrected(orders) == [("cancelled_at", "time_of_receipt", 1)]


def test_a_row_says_which_of_its_times_were_corrected(events):
    late = {"timestamp": "2031-05-05T07:00:00Z", "receivedAt": RECEIVED, "sentAt": None}
    events.deliver("a.jsonl", [events.row(1, **late), events.row(2)])
    events.land()
    assert events.landed("_corrected_times") == [('{"timestamp": "time_of_receipt"}',), (None,)]


def test_a_cursor_of_any_stream_that_is_later_than_its_load_takes_the_time_of_the_load(every_feed):
    cursor = every_feed.stream.cursor
    if not cursor:
        pytest.skip("the stream has no cursor")
    every_feed.deliver(f"a{every_feed.ending}", [every_feed.row(1, **{cursor: "2999-01-01T00:00:00Z"})])
    every_feed.land()
    assert [row[2:] for row in every_feed.refusals()] == [(cursor, "later_than_receipt")]
    ((time, loaded_at),) = every_feed.landed(f'"{cursor}", _loaded_at')
    assert time == loaded_at <= _now()
    assert _corrected(every_feed) == [(cursor, "time_of_load", 1)]


@pytest.mark.parametrize("written", ["1970-01-01T00:00:00Z", "0001-01-01", "1899-12-30T00:00:00Z"])
def test_the_zero_of_a_clock_is_no_time(contacts, written):
    contacts.deliver("a.jsonl", [contacts.row(1, CreatedDate=written)])
    contacts.land()
    assert contacts.refusals() == [("a.jsonl", 1, "CreatedDate", "before_1990")]
    assert contacts.landed("CreatedDate") == [(None,)]


def test_a_row_whose_cursor_is_the_zero_of_a_clock_is_refused(contacts):
    contacts.deliver("a.jsonl", [contacts.row(1, SystemModstamp="1970-01-01T00:00:00Z"), contacts.row(2)])
    contacts.land()
    assert contacts.refusals() == [("a.jsonl", 1, "SystemModstamp", "before_1990")]
    assert len(contacts.landed("Id")) == 1


def test_a_clock_that_is_a_little_ahead_is_believed(contacts):
    ahead = _now() + timedelta(minutes=3)
    contacts.deliver("a.jsonl", [contacts.row(1, CreatedDate=_written(ahead), SystemModstamp=_written(ahead))])
    contacts.land()
    assert contacts.refusals() == []
    assert contacts.landed("CreatedDate") == [(ahead.replace(microsecond=0),)]


@pytest.mark.parametrize(
    ("happened", "landed", "rules"),
    [
        ("2026-03-01T10:04:00Z", RECEIVED_AT + timedelta(minutes=4), []),
        ("2026-03-01T10:06:00Z", RECEIVED_AT, [("timestamp", "time_of_receipt", 1)]),
    ],
)
def test_an_event_did_not_happen_after_it_was_received(events, happened, landed, rules):
    events.deliver("a.jsonl", [events.row(1, timestamp=happened, receivedAt=RECEIVED, sentAt=None)])
    events.land()
    assert events.landed('"timestamp"') == [(landed,)]
    assert events.refusals() == [("a.jsonl", 1, "timestamp", "later_than_receipt") for _ in rules]
    assert _corrected(events) == rules


def test_a_receipt_that_is_in_the_future_itself_bounds_nothing_beyond_the_load(events):
    late = {"timestamp": "2998-01-01T00:00:00Z", "receivedAt": "2999-01-01T00:00:00Z", "sentAt": None}
    events.deliver("a.jsonl", [events.row(1, **late)])
    events.land()
    ((happened, received, loaded_at),) = events.landed('"timestamp", "receivedAt", _loaded_at')
    assert happened == received == loaded_at


DEVICE_OF_2031 = {"originalTimestamp": "2031-05-05T07:00:00.250Z", "sentAt": "2031-05-05T07:02:00.250Z"}
TWO_MINUTES_BEFORE = RECEIVED_AT - timedelta(minutes=2)


@pytest.mark.parametrize("stated", ["2031-05-05T07:00:00.250Z", None, "1970-01-01T00:00:07Z"])
def test_a_device_that_lives_in_another_year_is_corrected_by_its_own_clock(events, stated):
    events.deliver("a.jsonl", [events.row(1, timestamp=stated, receivedAt=RECEIVED, **DEVICE_OF_2031)])
    events.land()
    assert events.landed('"timestamp"') == [(TWO_MINUTES_BEFORE,)]
    assert _corrected(events) == [("timestamp", "sender_clock", 1)]


def test_a_right_time_is_not_corrected(events):
    stated = "2026-03-01T09:00:00Z"
    events.deliver("a.jsonl", [events.row(1, timestamp=stated, receivedAt=RECEIVED, **DEVICE_OF_2031)])
    events.land()
    assert events.landed('"timestamp"') == [(RECEIVED_AT - timedelta(hours=1),)]
    assert (events.refusals(), _corrected(events)) == ([], [])


@pytest.mark.parametrize(
    ("happened", "sent"),
    [
        (None, "2031-05-05T07:02:00Z"),
        ("2031-05-05T07:02:00Z", None),
        ("soon", "2031-05-05T07:02:00Z"),
        ("1970-01-01T00:00:00Z", "2031-05-05T07:02:00Z"),  # the clock was set in between
        ("2031-05-05T07:12:00Z", "2031-05-05T07:02:00Z"),  # sent before it happened
    ],
)
def test_a_clock_that_says_nothing_leaves_the_time_of_receipt(events, happened, sent):
    clock = {"originalTimestamp": happened, "sentAt": sent}
    events.deliver("a.jsonl", [events.row(1, timestamp=None, receivedAt=RECEIVED, **clock)])
    events.land()
    assert events.landed('"timestamp"') == [(RECEIVED_AT,)]
    assert _corrected(events) == [("timestamp", "time_of_receipt", 1)]


def test_what_a_device_sends_in_the_same_moment_did_not_happen_later(events):
    clock = {"originalTimestamp": "2031-05-05T07:02:00.900Z", "sentAt": "2031-05-05T07:02:00.100Z"}
    events.deliver("a.jsonl", [events.row(1, timestamp=None, receivedAt=RECEIVED, **clock)])
    events.land()
    assert events.landed('"timestamp"') == [(RECEIVED_AT,)]
    assert _corrected(events) == [("timestamp", "sender_clock", 1)]


def test_columns_of_a_warehouse_are_read_by_their_names_there(events):
    events.deliver(
        "a.csv",
        b"message_id,type,anonymous_id,timestamp,original_timestamp,sent_at,received_at\n"
        b"m1,page,a1,,2031-05-05 07:00:00.250,2031-05-05 07:02:00.250,2026-03-01 10:00:00\n",
    )
    events.land()
    assert events.landed('"timestamp"') == [(TWO_MINUTES_BEFORE,)]
    assert _corrected(events) == [("timestamp", "sender_clock", 1)]


def test_corrected_times_are_counted_by_stream_and_rule(events, contacts):
    late = {"timestamp": "2031-05-05T07:00:00Z", "receivedAt": RECEIVED}
    clocks = [DEVICE_OF_2031, DEVICE_OF_2031, {"sentAt": None}, {"timestamp": RECEIVED}]
    events.deliver("a.jsonl", [events.row(number, **{**late, **clock}) for number, clock in enumerate(clocks)])
    contacts.deliver("a.jsonl", [contacts.row(1, CreatedDate="2999-01-01"), contacts.row(2)])
    events.land()
    contacts.land()
    assert _corrected(events) == [("timestamp", "sender_clock", 2), ("timestamp", "time_of_receipt", 1)]
    assert _corrected(contacts) == [("CreatedDate", "time_of_receipt", 1)]


@settings(max_examples=examples(4), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    waited=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=30)),
    wrong_by=st.timedeltas(min_value=timedelta(days=-9000), max_value=timedelta(days=9000)),
)
def test_a_clock_may_be_wrong_by_anything(events, waited, wrong_by):
    sent = RECEIVED_AT + wrong_by
    clock = {"originalTimestamp": (sent - waited).isoformat(), "sentAt": sent.isoformat()}
    events.deliver(f"{waited}{wrong_by}.jsonl", [events.row(1, timestamp=None, receivedAt=RECEIVED, **clock)])
    events.land()
    newest = events.query('select max_by("timestamp", _loaded_at) from landing.ecommerce_events')
    assert newest == [(RECEIVED_AT - waited,)]
