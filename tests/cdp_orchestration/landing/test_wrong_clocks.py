"""A time later than its receipt, or from the zero of a clock, loses its value; the row lands and says so."""

from datetime import UTC, datetime, timedelta

import pytest

RECEIVED = "2026-03-01T10:00:00Z"
RECEIVED_AT = datetime(2026, 3, 1, 10, 0)  # noqa: DTZ001


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture
def optional_time(every_feed):
    """The name of a time of the stream that is not its cursor."""
    times = [field.name for field in every_feed.stream.fields if field.type == "timestamp"]
    others = [name for name in times if name not in every_feed.stream.required]
    if not others:
        pytest.skip("the stream has no time but its cursor")
    return others[0]


@pytest.mark.parametrize("written", ["9999-12-31T00:00:00Z", "2999-01-01", "2287-01-01T00:00:00+14:00"])
def test_a_time_of_any_stream_that_is_later_than_its_load_is_set_aside(every_feed, optional_time, written):
    every_feed.deliver(f"a{every_feed.ending}", [every_feed.row(1, **{optional_time: written}), every_feed.row(2)])
    every_feed.land()
    assert len(every_feed.lines()) == 2
    assert [row[2:] for row in every_feed.refusals()] == [(optional_time, "later_than_receipt")]
    times = dict(every_feed.landed(f'_source_line, "{optional_time}"'))
    assert sorted(time is None for time in times.values()) == [False, True]


def test_a_cursor_of_any_stream_that_is_later_than_its_load_takes_the_time_of_the_load(every_feed):
    cursor = every_feed.stream.cursor
    if not cursor:
        pytest.skip("the stream has no cursor")
    every_feed.deliver(f"a{every_feed.ending}", [every_feed.row(1, **{cursor: "2999-01-01T00:00:00Z"})])
    every_feed.land()
    assert [row[2:] for row in every_feed.refusals()] == [(cursor, "later_than_receipt")]
    ((time, loaded_at),) = every_feed.landed(f'"{cursor}", _loaded_at')
    assert time == loaded_at <= _now()


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
    ("happened", "landed"),
    [("2026-03-01T10:04:00Z", RECEIVED_AT + timedelta(minutes=4)), ("2026-03-01T10:06:00Z", None)],
)
def test_an_event_did_not_happen_after_it_was_received(events, happened, landed):
    events.deliver("a.jsonl", [events.row(1, timestamp=happened, receivedAt=RECEIVED)])
    events.land()
    assert events.landed('"timestamp"') == [(landed,)]
    reasons = [] if landed else [("a.jsonl", 1, "timestamp", "later_than_receipt")]
    assert events.refusals() == reasons


def test_a_receipt_that_is_in_the_future_itself_bounds_nothing_beyond_the_load(events):
    events.deliver("a.jsonl", [events.row(1, timestamp="2998-01-01T00:00:00Z", receivedAt="2999-01-01T00:00:00Z")])
    events.land()
    ((happened, received, loaded_at),) = events.landed('"timestamp", "receivedAt", _loaded_at')
    assert happened is None
    assert received == loaded_at
