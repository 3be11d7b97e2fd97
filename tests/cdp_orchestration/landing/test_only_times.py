"""An order whose time is impossible, of a stream without a cursor: it counts at its receipt, or is refused by line."""

from pathlib import Path

import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import land_stream
from cdp_orchestration.sources import Stream, declared_stream

DECLARED = """
source: club
streams:
  bookings:
    key: [id]
    CURSOR
    fields: {id: identifier, member: identifier, paid: KIND, changed: timestamp, total: amount, currency: currency}
    interaction:
      record_type: booking
      occurred_at: paid
      amount: total
      currency: currency
      of: {field: member, record_type: member}
      taxonomy: {"*": {touchpoint_type: booked, channel: web, stage: purchase}}
  members:
    key: [id]
    fields: {id: identifier}
    person: {record_type: member}
"""


def declared(home: Settings, kind: str, cursor: str = "") -> Stream:
    home.own_sources.mkdir(parents=True)
    text = DECLARED.replace("CURSOR", cursor).replace("KIND", kind)
    (home.own_sources / "club.yml").write_text(text, encoding="utf-8")
    bookings = declared_stream("club/bookings", home)
    folder = home.inbox / "club" / "bookings"
    folder.mkdir(parents=True)
    times = ["2026-01-02", "2099-01-01", "0026-01-02", "1899-12-30", "soon", ""]
    rows = "".join(f"{number},7,{time},2026-01-03,5,EUR\n" for number, time in enumerate(times))
    (folder / "a.csv").write_text(f"id,member,paid,changed,total,currency\n{rows}")
    return bookings


def found(home: Settings, query: str) -> list[tuple[object, ...]]:
    with open_warehouse(home.warehouse) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("kind", ["timestamp", "occurrence"])
def test_without_a_cursor_it_counts_at_its_receipt_or_is_refused(tmp_path: Path, kind: str) -> None:
    home = Settings(home=tmp_path / "home")

    land_stream(declared(home, kind), home)

    assert found(home, "select id, paid = _loaded_at from landing.club_bookings order by id") == [
        ("0", False), ("1", True), ("5", None)
    ]  # fmt: skip
    query = "select source_line, field, reason, is_row_landed from operations.quarantined order by all"
    assert found(home, query) == [
        (3, "paid", "later_than_receipt", True),
        (4, "paid", "before_1990", False),
        (5, "paid", "before_1990", False),
        (6, "paid", "not_a_timestamp", False),
    ]


def test_with_a_cursor_it_counts_at_the_time_of_the_cursor(tmp_path: Path) -> None:
    home = Settings(home=tmp_path / "home")

    landed = land_stream(declared(home, "timestamp", "cursor: changed"), home)

    assert (landed.rows_landed, landed.rows_refused) == (5, 1)
